package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Hashes in a full tile, as a power of two (C2SP tlog-tiles).
const height = 8

// tiles are the static files of a log. C2SP leaves the height out of a tile's path; the rest of it,
// and what the file holds, are Go's.
type tiles struct {
	from   files
	folder string
}

func (t tiles) Height() int {
	return height
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func tilePath(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data, err := t.from.read(filepath.Join(t.folder, tilePath(tile)))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// entries reads the log's entries, each behind its length in two bytes.
func (t tiles) entries(size int64) ([][]byte, error) {
	var all [][]byte
	for n := int64(0); n<<height < size; n++ {
		width := size - n<<height
		if width > 1<<height {
			width = 1 << height
		}
		// Go calls the level of the entries -1, and writes them in another form.
		tile := tlog.Tile{H: height, L: -1, N: n, W: int(width)}
		path := strings.Replace(tilePath(tile), "tile/data/", "tile/entries/", 1)
		data, err := t.from.read(filepath.Join(t.folder, path))
		if err != nil {
			return nil, err
		}
		for i := int64(0); i < width; i++ {
			if len(data) < 2 {
				return nil, fmt.Errorf("%s is too short", path)
			}
			length := int(binary.BigEndian.Uint16(data)) + 2
			if len(data) < length {
				return nil, fmt.Errorf("%s is too short", path)
			}
			all = append(all, data[2:length])
			data = data[length:]
		}
		if len(data) != 0 {
			return nil, fmt.Errorf("%s is too long", path)
		}
	}
	return all, nil
}

// checkLog proves every entry of a published log, and that the log has grown out of each of its
// beginnings and of the checkpoints that lie beside the records of draws, out of its tiles alone.
func checkLog(from files, folder, trustFile string, proofs []string) (string, error) {
	trusted, err := readTrust(from, trustFile)
	if err != nil {
		return "", err
	}
	signed, err := from.read(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return "", err
	}
	tree, err := openCheckpoint(signed, trusted)
	if err != nil {
		return "", err
	}
	static := tiles{from, folder}
	reader := tlog.TileHashReader(tree, static)
	entries, err := static.entries(tree.N)
	if err != nil {
		return "", err
	}
	for i, entry := range entries {
		path, err := tlog.ProveRecord(tree.N, int64(i), reader)
		if err != nil {
			return "", err
		}
		err = tlog.CheckRecord(path, tree.N, tree.Hash, int64(i), tlog.RecordHash(entry))
		if err != nil {
			return "", fmt.Errorf("entry %d: %w", i, err)
		}
	}
	if err := static.checkEarlier(reader, entries); err != nil {
		return "", err
	}
	earlier, err := beginnings(from, tree, reader, trusted, proofs)
	if err != nil {
		return "", err
	}
	for _, old := range earlier {
		path, err := tlog.ProveTree(tree.N, old.N, reader)
		if err != nil {
			return "", err
		}
		if err := tlog.CheckTree(path, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			return "", fmt.Errorf("not grown out of %d entries: %w", old.N, err)
		}
	}
	return fmt.Sprintf("%d entries and %d earlier trees are proven", len(entries), len(earlier)), nil
}

// checkEarlier compares the files of every earlier size, as far as they are still published, with what
// the whole log makes of them: whoever holds an older checkpoint reads those.
func (t tiles) checkEarlier(reader tlog.HashReader, entries [][]byte) error {
	for n := int64(1); n <= int64(len(entries)); n++ {
		for _, tile := range tlog.NewTiles(height, n-1, n) {
			expected, err := tlog.ReadTileData(tile, reader)
			if err != nil {
				return err
			}
			if err := t.compare(tilePath(tile), expected); err != nil {
				return err
			}
		}
		first := (n - 1) >> height << height
		var bundle []byte
		for _, entry := range entries[first:n] {
			bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(entry)))
			bundle = append(bundle, entry...)
		}
		tile := tlog.Tile{H: height, L: -1, N: first >> height, W: int(n - first)}
		path := strings.Replace(tilePath(tile), "tile/data/", "tile/entries/", 1)
		if err := t.compare(path, bundle); err != nil {
			return err
		}
	}
	return nil
}

// compare refuses a published file with other bytes. One that is not published is no fault.
func (t tiles) compare(path string, expected []byte) error {
	found, err := t.from.read(filepath.Join(t.folder, path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !bytes.Equal(found, expected) {
		err = fmt.Errorf("%s is not what the log makes of it", path)
	}
	return err
}

// beginnings are the trees of every smaller size, and those that were signed and cosigned.
func beginnings(
	from files, tree tlog.Tree, reader tlog.HashReader, trusted trust, proofs []string,
) ([]tlog.Tree, error) {
	var earlier []tlog.Tree
	for n := int64(1); n <= tree.N; n++ {
		root, err := tlog.TreeHash(n, reader)
		if err != nil {
			return nil, err
		}
		earlier = append(earlier, tlog.Tree{N: n, Hash: root})
	}
	for _, path := range proofs {
		read, err := readProof(from, path, trusted)
		if err != nil {
			return nil, err
		}
		if read.tree.N > tree.N {
			return nil, errors.New("a checkpoint beside a record is newer than the log")
		}
		earlier = append(earlier, read.tree)
	}
	return earlier, nil
}
