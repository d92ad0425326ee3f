package follow

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
)

// A pattern finds logs that may appear at any time.
type pattern string

var errNoLog = errors.New("neither a file nor a pipe")

// addPattern takes what the user named.
func (f *Follower) addPattern(arg string) error {
	if arg == "-" {
		if !f.byPath["-"] {
			f.byPath["-"] = true
			f.addStdin()
		}
		return nil
	}
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		f.find = append(f.find, pattern(filepath.Join(escape(arg), "**")))
	case err != nil && strings.ContainsAny(arg, "*?[{"):
		if !doublestar.ValidatePathPattern(arg) {
			return fmt.Errorf("%q is no pattern", arg)
		}
		f.find = append(f.find, pattern(arg))
	case err == nil && !info.Mode().IsRegular() && info.Mode()&fs.ModeNamedPipe == 0:
		f.Refused = append(f.Refused, fmt.Errorf("%s is %w", arg, errNoLog))
	default:
		if l := f.addLog(arg, true); l != nil {
			l.fromEnd = f.opt.FromEnd
			if err != nil && errors.Is(err, fs.ErrNotExist) {
				l.warn("isn't there yet; waiting for it")
			}
		}
	}
	return nil
}

// escape makes a pattern that means a path literally.
func escape(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "{", `\{`).Replace(path)
}

// search looks for files that patterns match. Those that were there at the start
// are read as Options say, later ones from their start.
func (f *Follower) search(now time.Time) {
	first := f.searched.IsZero()
	for _, p := range f.find {
		names, err := doublestar.FilepathGlob(string(p), doublestar.WithFilesOnly(), doublestar.WithNoFollow(), doublestar.WithNoHidden())
		if err != nil {
			continue // folders come and go
		}
		slices.Sort(names)
		for _, name := range names {
			f.found(name, first)
		}
		if first && len(names) == 0 {
			f.warn(string(p) + ": nothing matches yet; waiting")
		}
	}
	for name := range f.passed {
		if _, err := os.Stat(name); err != nil {
			delete(f.passed, name)
		}
	}
	for _, l := range f.logs { // found, and gone for good
		if !l.named && l.missing && len(l.gens) == 0 {
			delete(f.byPath, l.path)
		}
	}
	f.logs = slices.DeleteFunc(f.logs, func(l *logFile) bool { return !l.named && l.missing && len(l.gens) == 0 })
}

// found follows a file that a pattern matches, unless it is one that is read
// already, rotated away or copied since, or no log.
func (f *Follower) found(name string, first bool) {
	if f.byPath[absolute(name)] {
		return
	}
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || f.reading(info) != nil {
		return
	}
	if was := f.passed[name]; was != nil && os.SameFile(was, info) && was.Size() == info.Size() {
		return
	}
	if info.Size() == 0 && !first && f.rotatedFrom(absolute(name)) {
		return // a copy may be about to be made here
	}
	head, ok := startOf(name)
	if !ok || compressed(name) || f.known(absolute(name), head, info) {
		f.passed[name] = info
		return
	}
	delete(f.passed, name)
	if l := f.addLog(name, false); l != nil {
		l.fromEnd = first && f.opt.FromEnd
	}
}

// startOf returns the first bytes of a file, and whether they are text that can be
// followed.
func startOf(name string) (head []byte, text bool) {
	file, err := os.Open(name)
	if err != nil {
		return nil, false
	}
	defer file.Close()
	head = make([]byte, 8<<10)
	n, _ := file.ReadAt(head, 0)
	head = head[:n]
	return head, !packed(file) && (orderIn(head) != nil || !slices.Contains(head, 0))
}

// known reports whether a file with these first bytes was or is read from
// another path, or is about to be.
func (f *Follower) known(name string, head []byte, info fs.FileInfo) bool {
	id, _ := identify(info)
	head = head[:min(headLen, len(head))]
	for _, t := range f.tracks {
		p := &t.given
		if (p.File == id || p.firm() || isRotated(p.Path, name)) && t.begins(head) {
			return true
		}
	}
	for _, l := range f.logs {
		if isRotated(l.path, name) && (l.holds(head) || l.reads(head)) {
			return true
		}
	}
	return false
}

// rotatedFrom reports whether name looks like a rotated file of a log.
func (f *Follower) rotatedFrom(name string) bool {
	for _, l := range f.logs {
		if isRotated(l.path, name) {
			return true
		}
	}
	return false
}

// A sibling is a file that a log may have been rotated to.
type sibling struct {
	name string
	info fs.FileInfo
}

func (s *sibling) compressed() bool { return compressed(s.name) }

func compressed(name string) bool {
	switch filepath.Ext(name) {
	case ".gz", ".zst", ".bz2":
		return true
	}
	return false
}

const maxSiblings = 400 // the newest of more are looked at

// rotated returns the files next to a log that it may have been rotated to, by age.
func rotated(path string) (list []sibling) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	for _, e := range entries {
		name := filepath.Join(filepath.Dir(path), e.Name())
		if !isRotated(path, name) {
			continue
		}
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			list = append(list, sibling{name, info})
		}
	}
	slices.SortStableFunc(list, func(a, b sibling) int { return a.info.ModTime().Compare(b.info.ModTime()) })
	return list[max(0, len(list)-maxSiblings):]
}

// isRotated reports whether name is the log's path with a number, a date or a
// word such as "old" added at its end or before its extension, as logrotate,
// newsyslog and logging libraries do.
func isRotated(path, name string) bool {
	base, other := filepath.Base(path), filepath.Base(name)
	if filepath.Dir(path) != filepath.Dir(name) || base == other {
		return false
	}
	for _, ext := range []string{".gz", ".zst", ".bz2"} {
		other = strings.TrimSuffix(other, ext)
	}
	if base == other {
		return true // compressed in place
	}
	if rest, ok := strings.CutPrefix(other, base); ok && isSuffix(rest) {
		return true
	}
	ext := filepath.Ext(base)
	stem := strings.TrimSuffix(base, ext)
	if rest, ok := strings.CutPrefix(other, stem); ok && ext != "" {
		rest, ok = strings.CutSuffix(rest, ext)
		return ok && isSuffix(rest)
	}
	return false
}

func isSuffix(s string) bool {
	if len(s) < 2 || !strings.ContainsRune(".-_~", rune(s[0])) {
		return s == "~"
	}
	switch s[1:] {
	case "old", "bak", "prev", "previous", "save", "orig":
		return true
	}
	digits := 0
	for _, c := range s {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case !strings.ContainsRune(".-_:TZ+", c):
			return false
		}
	}
	return digits > 0
}
