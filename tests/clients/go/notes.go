package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A witness of C2SP tlog-cosignature, which the note package does not know.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

// trust is what a trust.policy pins: the log's key, and the witnesses, all of whom must have signed.
type trust struct {
	log       note.Verifier
	witnesses []witness
}

const cosignatureV1 = 4

func parseWitness(vkey string) (witness, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return witness{}, fmt.Errorf("no witness key: %s", vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != cosignatureV1 {
		return witness{}, fmt.Errorf("no witness key: %s", vkey)
	}
	sum := sha256.Sum256([]byte(parts[0] + "\n" + string(key)))
	hash := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return witness{}, fmt.Errorf("the key hash is another: %s", vkey)
	}
	return witness{parts[0], hash, key[1:]}, nil
}

func readTrust(from files, path string) (trust, error) {
	text, err := from.read(path)
	if err != nil {
		return trust{}, err
	}
	var read trust
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Split(line, " ")
		switch {
		case words[0] == "log" && len(words) == 2 && read.log == nil:
			read.log, err = note.NewVerifier(words[1])
		case words[0] == "witness" && len(words) == 3:
			var known witness
			known, err = parseWitness(words[2])
			read.witnesses = append(read.witnesses, known)
		}
		if err != nil {
			return trust{}, err
		}
	}
	if read.log == nil || len(read.witnesses) == 0 {
		return trust{}, errors.New("the trust policy names no log or no witness")
	}
	return read, nil
}

// cosigned says whether the witness left one line under the note, and it verifies. The note package
// keeps lines by keys that it does not know, and that is all it does with them.
func (w witness) cosigned(opened *note.Note) error {
	found := 0
	for _, line := range opened.UnverifiedSigs {
		if line.Name != w.name || line.Hash != w.hash {
			continue
		}
		found++
		// Strictly: bits that are not used would be a second spelling of one signature.
		raw, err := base64.StdEncoding.Strict().DecodeString(line.Base64)
		if err != nil || len(raw) != 4+8+ed25519.SignatureSize {
			return fmt.Errorf("the line of %s has another length", w.name)
		}
		seconds := binary.BigEndian.Uint64(raw[4:])
		signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, opened.Text)
		if !ed25519.Verify(w.key, []byte(signed), raw[12:]) {
			return fmt.Errorf("the line of %s does not verify", w.name)
		}
	}
	if found != 1 {
		return fmt.Errorf("expected one line by %s, found %d", w.name, found)
	}
	return nil
}

// openCheckpoint opens a checkpoint of the log that every witness has cosigned.
func openCheckpoint(bytes []byte, trusted trust) (tlog.Tree, error) {
	opened, err := note.Open(bytes, note.VerifierList(trusted.log))
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(opened.Sigs) != 1 || len(opened.UnverifiedSigs) != len(trusted.witnesses) {
		return tlog.Tree{}, errors.New("expected one line by the log and one by each witness")
	}
	for _, known := range trusted.witnesses {
		if err := known.cosigned(opened); err != nil {
			return tlog.Tree{}, err
		}
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != trusted.log.Name() {
		return tlog.Tree{}, errors.New("the checkpoint is of another log")
	}
	// Go's own checkpoints have a fixed first line; behind it the two forms are the same.
	return tlog.ParseTree([]byte("go.sum database tree\n" + strings.Join(lines[1:], "\n")))
}

// A proof is a record's place in the log, as a .tlog-proof file (C2SP tlog-proof) tells it.
type proof struct {
	index int64
	path  tlog.RecordProof
	tree  tlog.Tree
}

func readProof(from files, path string, trusted trust) (proof, error) {
	text, err := from.read(path)
	if err != nil {
		return proof{}, err
	}
	head, checkpoint, found := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return proof{}, fmt.Errorf("%s is no proof", path)
	}
	number, found := cutPrefix(lines[1], "index ")
	index, err := strconv.ParseInt(number, 10, 64)
	if !found || err != nil {
		return proof{}, fmt.Errorf("%s has no index", path)
	}
	read := proof{index: index}
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return proof{}, err
		}
		read.path = append(read.path, hash)
	}
	read.tree, err = openCheckpoint(checkpoint, trusted)
	return read, err
}

func cutPrefix(text, prefix string) (string, bool) {
	return strings.TrimPrefix(text, prefix), strings.HasPrefix(text, prefix)
}

// checkDraw opens every record of a draw's folder with the record key, and checks its place in the
// log by its proof.
func checkDraw(from files, folder, keyFile, trustFile string) (string, error) {
	trusted, err := readTrust(from, trustFile)
	if err != nil {
		return "", err
	}
	vkey, err := from.read(keyFile)
	if err != nil {
		return "", err
	}
	records, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	if err != nil {
		return "", err
	}
	names, err := filepath.Glob(filepath.Join(folder, "*.note"))
	if err != nil || len(names) == 0 {
		return "", fmt.Errorf("%s has no records", folder)
	}
	for _, name := range names {
		text, err := from.read(name)
		if err != nil {
			return "", err
		}
		opened, err := note.Open(text, note.VerifierList(records))
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		if len(opened.Sigs) != 1 || len(opened.UnverifiedSigs) != 0 {
			return "", fmt.Errorf("%s: expected one signature", name)
		}
		read, err := readProof(from, strings.TrimSuffix(name, ".note")+".tlog-proof", trusted)
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		leaf := tlog.RecordHash(text)
		err = tlog.CheckRecord(read.path, read.tree.N, read.tree.Hash, read.index, leaf)
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
	}
	return fmt.Sprintf("%d records are signed and logged", len(names)), nil
}
