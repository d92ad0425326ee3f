package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"why401/parsers"
)

// A Log is one input, not yet opened.
type Log struct {
	Name  string    // as given or found; "-" for standard input
	Named bool      // given by hand, not met in a folder or by a glob
	Stdin io.Reader // of "-"

	// Program opens the output of a program whose text is the log; nil for files.
	Program func() (io.ReadCloser, error)

	Part *Part // what of a file is to be read; nil is all of it
}

// A Skipped input was met but can't be read as a log.
type Skipped struct {
	Name  string
	Named bool  // by hand: deserves exit status 2
	Err   error // what to tell, with a next step
}

// What can be wrong with an input.
var (
	ErrNotText  = errors.New("binary, not text")
	ErrReport   = errors.New("a report of why401")
	ErrNoLogs   = errors.New("no logs in it")
	ErrNotALog  = errors.New("not a regular file, pipe or folder")
	ErrTooDense = fmt.Errorf("expands more than %d times beyond %d MiB: a compressed bomb", maxRatio, maxDense>>20)
)

// Open expands files, folders, globs with ** and "-" (stdin) into logs, in order,
// each once; the files of a rotated set oldest first, copies left out. No argument
// means "-". Files
// met in a folder or by a glob that aren't text, or are reports of ours, are skipped.
func Open(args []string, stdin io.Reader) (logs []Log, skipped []Skipped) {
	if len(args) == 0 {
		args = []string{"-"}
	}
	seen := map[string]bool{}
	add := func(name string, named bool) {
		if name != "-" {
			if seen[filepath.Clean(name)] {
				return
			}
			seen[filepath.Clean(name)] = true
		} else if seen["-"] {
			return
		} else {
			seen["-"] = true
		}
		if !named {
			// What can't be read is opened all the same: the run says why it can't.
			if err := LooksLikeLog(name); errors.Is(err, ErrNotText) || errors.Is(err, ErrReport) {
				skipped = append(skipped, Skipped{Name: name, Err: err})
				return
			}
		}
		logs = append(logs, Log{Name: name, Named: named, Stdin: stdin})
	}
	skip := func(name string, err error) { skipped = append(skipped, Skipped{Name: name, Named: true, Err: err}) }
	for _, arg := range args {
		if arg == "-" {
			add(arg, true)
			continue
		}
		info, err := os.Stat(arg)
		switch {
		case err == nil && info.IsDir():
			n := len(logs)
			for _, name := range walk(arg, skip) {
				add(name, false)
			}
			if len(logs) == n {
				skip(arg, ErrNoLogs)
			}
		case err == nil && info.Mode()&(fs.ModeDevice|fs.ModeSocket) != 0 && info.Mode()&fs.ModeCharDevice == 0:
			skip(arg, ErrNotALog)
		case err == nil:
			add(arg, true)
		case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(arg, "*?[{"):
			names, gerr := doublestar.FilepathGlob(arg, doublestar.WithFilesOnly())
			if gerr != nil {
				skip(arg, fmt.Errorf("cannot read the pattern: %w", gerr))
				continue
			}
			if len(names) == 0 {
				skip(arg, errors.New("no file matches"))
			}
			slices.Sort(names)
			for _, name := range names {
				add(name, false)
			}
		default:
			skip(arg, cause(err))
		}
	}
	logs, copies := withoutCopies(inTimeOrder(logs))
	return logs, append(skipped, copies...)
}

// cause takes the path off a *PathError: who tells the error names the file itself.
func cause(err error) error {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// walk lists the files under dir, sorted, without hidden ones.
func walk(dir string, skip func(string, error)) (names []string) {
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			skip(name, cause(err))
			return nil
		}
		hidden := strings.HasPrefix(d.Name(), ".") && name != dir && d.Name() != ".."
		switch {
		case d.IsDir() && hidden:
			return fs.SkipDir
		case d.IsDir() || hidden:
		case d.Type().IsRegular():
			names = append(names, name)
		case d.Type()&fs.ModeSymlink != 0:
			if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
				names = append(names, name)
			}
		}
		return nil
	})
	return names
}

// LooksLikeLog reads the start of a file and says why it is no log, if so.
func LooksLikeLog(name string) error {
	in, err := openFile(name)
	if err != nil {
		return err
	}
	defer in.Close()
	head := make([]byte, 8<<10)
	n, err := io.ReadFull(in, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	if isBinary(head[:n]) {
		return ErrNotText
	}
	if isReport(head[:n]) {
		return ErrReport
	}
	return nil
}

// LooksCaptured reports whether a file holds what a client captured of its own
// requests, which Explain reads, and no log. A pipe isn't opened: that would wait for
// another writer.
func LooksCaptured(name string) bool {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return false
	}
	in, err := openFile(name)
	if err != nil {
		return false
	}
	defer in.Close()
	return newCapture(in) != nil
}

// isBinary tells text from the rest by NUL bytes; head is decompressed and UTF-8. The
// journal's export format has some.
func isBinary(head []byte) bool {
	if f, _, _ := parsers.FrameOf(head); f == parsers.Export {
		return false
	}
	return bytes.IndexByte(head, 0) >= 0
}

// An input is an opened log, decompressed.
type input struct {
	io.Reader
	closers []func() error
	stored  int64     // bytes as stored; 0 when unknown
	modTime time.Time // zero when unknown
	stream  bool      // a pipe or terminal: lines come when they come
	raw     bool      // UTF-16 stays what it is

	encoding encoding // known once the first byte was read
}

func (in *input) Close() error {
	var err error
	for _, c := range slices.Backward(in.closers) {
		err = errors.Join(err, c())
	}
	return err
}

// Open opens a log for reading, decompressed.
func (l *Log) Open() (io.ReadCloser, error) { return l.open() }

// Unpack opens a file for reading, decompressed and else as it is stored.
func Unpack(name string) (io.ReadCloser, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, cause(err)
	}
	in := &input{raw: true, closers: []func() error{f.Close}}
	if err := in.decompress(f); err != nil {
		in.Close()
		return nil, err
	}
	return in, nil
}

func (l *Log) open() (*input, error) {
	if l.Program != nil {
		out, err := l.Program()
		if err != nil {
			return nil, err
		}
		return &input{Reader: out, stream: true, closers: []func() error{out.Close}}, nil
	}
	if l.Name == "-" {
		in := &input{stream: true}
		if f, ok := l.Stdin.(*os.File); ok {
			if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
				in.stream, in.stored = false, info.Size()
			}
		}
		return in, in.decompress(l.Stdin)
	}
	return openPart(l.Name, l.Part)
}

func openFile(name string) (*input, error) { return openPart(name, nil) }

func openPart(name string, part *Part) (*input, error) {
	in := &input{}
	var f *os.File
	if part != nil && part.File != nil {
		f = part.File
	} else {
		var err error
		if f, err = os.Open(name); err != nil {
			return nil, cause(err)
		}
		in.closers = append(in.closers, f.Close)
	}
	info, err := f.Stat()
	if err != nil {
		in.Close()
		return nil, cause(err)
	}
	if info.IsDir() {
		in.Close()
		return nil, errors.New("is a folder")
	}
	in.modTime, in.stream = info.ModTime(), !info.Mode().IsRegular()
	if !in.stream {
		in.stored = info.Size()
	}
	if part != nil {
		err = part.open(in, f)
	} else {
		err = in.decompress(f)
	}
	if err != nil {
		in.Close()
		return nil, err
	}
	return in, nil
}
