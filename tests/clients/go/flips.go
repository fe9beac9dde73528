package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// flip reads every byte of a folder's records, proofs, checkpoint and tiles wrongly once. The check has
// to refuse each of these readings, and to accept the files as they are.
func flip(folder string, check func(files) (string, error)) (string, error) {
	told, err := check(disk{})
	if err != nil {
		return "", err
	}
	flipped := 0
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !isVouchedFor(path) {
			return err
		}
		read, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for at := range read {
			if _, err := check(disturbed{path, at}); err == nil {
				return fmt.Errorf("%s is accepted with another byte %d", path, at)
			}
			flipped++
		}
		return nil
	})
	return fmt.Sprintf("%s; %d flips are refused", told, flipped), err
}

// isVouchedFor says whether a note or the log's tree vouches for a file's bytes. Pools and results are
// hashed in the records, which is our own format.
func isVouchedFor(path string) bool {
	return strings.HasSuffix(path, ".note") || strings.HasSuffix(path, ".tlog-proof") ||
		filepath.Base(path) == "checkpoint" || strings.Contains(path, "/tile/")
}
