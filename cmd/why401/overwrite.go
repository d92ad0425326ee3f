package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"why401/internal/engine"
)

// notInto refuses to write over a log that is to be read: that of args which one of
// the paths names.
func notInto(args, paths []string) error {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		for _, arg := range args {
			if reads(arg, path, info) {
				return hint(fmt.Errorf("cannot write %s: it is one of the logs to read", path), "write to another file")
			}
		}
	}
	return nil
}

// reads reports whether arg, a file, a folder or a pattern, means the file at path.
func reads(arg, path string, info os.FileInfo) bool {
	there, err := os.Stat(arg)
	if err == nil && !there.IsDir() {
		return os.SameFile(there, info)
	}
	from, ferr := filepath.Abs(arg)
	to, terr := filepath.Abs(path)
	if ferr != nil || terr != nil || engine.LooksLikeLog(path) != nil { // a report of ours is left out
		return false
	}
	if err == nil {
		rel, err := filepath.Rel(from, to)
		return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
	}
	return doublestar.PathMatchUnvalidated(from, to)
}

// outputs are the files that the flags name to be written.
func (f *findings) outputs() (paths []string) {
	for _, arg := range f.write.outputs {
		if _, path, err := f.write.layout(arg); err == nil {
			paths = append(paths, path)
		}
	}
	if f.spikes.banlist.name != "" {
		path, _ := f.spikes.banfile()
		paths = append(paths, path)
	}
	if f.accept.write != "" {
		paths = append(paths, f.accept.write)
	}
	return paths
}
