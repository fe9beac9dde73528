package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	origin      = "go.example/log"
	witnessName = "go.example/w1"
	// 2026-06-30T07:00:00Z.
	cosignedAt = 1782802800
)

// keyOf makes the same key from a name every time; these keys sign nothing outside of this test.
func keyOf(name string) (note.Signer, string, error) {
	seed := sha256.Sum256([]byte(name))
	signing, vkey, err := note.GenerateKey(bytes.NewReader(seed[:]), name)
	if err != nil {
		return nil, "", err
	}
	signer, err := note.NewSigner(signing)
	return signer, vkey, err
}

// cosign leaves the line of a witness under a signed checkpoint; gives the witness's key too.
func cosign(signed []byte, text string) ([]byte, string) {
	seed := sha256.Sum256([]byte(witnessName))
	private := ed25519.NewKeyFromSeed(seed[:])
	public := append([]byte{cosignatureV1}, private.Public().(ed25519.PublicKey)...)
	sum := sha256.Sum256([]byte(witnessName + "\n" + string(public)))
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", cosignedAt, text)
	line := append([]byte{}, sum[:4]...)
	line = binary.BigEndian.AppendUint64(line, cosignedAt)
	line = append(line, ed25519.Sign(private, []byte(message))...)
	vkey := fmt.Sprintf(
		"%s+%08x+%s", witnessName, binary.BigEndian.Uint32(sum[:]),
		base64.StdEncoding.EncodeToString(public))
	text = fmt.Sprintf("— %s %s\n", witnessName, base64.StdEncoding.EncodeToString(line))
	return append(signed, text...), vkey
}

// A store is the log's hashes in the order in which Go keeps them.
type store []tlog.Hash

func (s store) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		found = append(found, s[index])
	}
	return found, nil
}

// write signs a note and the log of so many entries, and puts into a folder what a verifier reads:
// keys, the note, the log with its tiles, a proof of every entry, one of every beginning.
func write(folder string, count int) (string, error) {
	records, recordsKey, err := keyOf("go.example/records")
	if err != nil {
		return "", err
	}
	var hashes store
	var bundles []byte
	put := func(path string, content []byte) {
		path = filepath.Join(folder, path)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(path), 0o755)
		}
		if err == nil {
			err = os.WriteFile(path, content, 0o644)
		}
	}
	for i := 0; i < count && err == nil; i++ {
		var entry []byte
		text := fmt.Sprintf("entry %d of a log that Go wrote\n", i)
		entry, err = note.Sign(&note.Note{Text: text}, records)
		if err != nil {
			return "", err
		}
		var added []tlog.Hash
		added, err = tlog.StoredHashes(int64(i), entry, hashes)
		hashes = append(hashes, added...)
		bundles = binary.BigEndian.AppendUint16(bundles, uint16(len(entry)))
		bundles = append(bundles, entry...)
		put(fmt.Sprintf("entry-%d.note", i), entry)
		if (i+1)%(1<<height) == 0 || i+1 == count {
			tile := tlog.Tile{H: height, L: -1, N: int64(i >> height), W: i%(1<<height) + 1}
			put(strings.Replace(tilePath(tile), "tile/data/", "tile/entries/", 1), bundles)
			bundles = nil
		}
	}
	for _, tile := range tlog.NewTiles(height, 0, int64(count)) {
		var data []byte
		data, readErr := tlog.ReadTileData(tile, hashes)
		if readErr != nil {
			return "", readErr
		}
		put(tilePath(tile), data)
	}
	put("records.vkey", []byte(recordsKey+"\n"))
	if err == nil {
		err = signTree(int64(count), hashes, put)
	}
	return fmt.Sprintf("a log of %d entries is written", count), err
}

func signTree(size int64, hashes store, put func(string, []byte)) error {
	signer, logKey, err := keyOf(origin)
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(size, hashes)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return err
	}
	signed, witnessKey := cosign(signed, text)
	put("checkpoint", signed)
	policy := fmt.Sprintf("log %s\nwitness w1 %s\nquorum w1\n", logKey, witnessKey)
	put("trust.policy", []byte(policy))
	for i := int64(0); i < size; i++ {
		path, err := tlog.ProveRecord(size, i, hashes)
		if err != nil {
			return err
		}
		head := fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex %d\n%s\n", i, lines(path))
		put(fmt.Sprintf("entry-%d.tlog-proof", i), append([]byte(head), signed...))
		old, err := tlog.TreeHash(i+1, hashes)
		if err != nil {
			return err
		}
		grown, err := tlog.ProveTree(size, i+1, hashes)
		if err != nil {
			return err
		}
		digits := fmt.Sprintf("%x\n", old[:])
		for _, hash := range grown {
			digits += fmt.Sprintf("%x\n", hash[:])
		}
		put(fmt.Sprintf("grown-from-%d", i+1), []byte(digits))
	}
	return nil
}

func lines(hashes []tlog.Hash) string {
	text := ""
	for _, hash := range hashes {
		text += hash.String() + "\n"
	}
	return text
}
