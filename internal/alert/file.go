package alert

import (
	"fmt"
	"os"
	"sync/atomic"
)

// A File gets findings as JSON lines. It is opened anew when it was renamed or
// removed, as log rotation does.
type File struct {
	path          string
	f             *os.File
	failed        bool
	sent, dropped atomic.Int64
}

// NewFile opens the file at path for appending.
func NewFile(path string) (*File, error) {
	f := &File{path: path}
	if err := f.open(); err != nil {
		return nil, fmt.Errorf("cannot write alerts: %w", err)
	}
	return f, nil
}

// Name is the path.
func (f *File) Name() string { return f.path }

func (f *File) open() (err error) {
	f.f, err = os.OpenFile(f.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	return err
}

// put appends a in one write. What can't be written is counted, and said once
// until it goes again.
func (f *File) put(a *Alert, warn func(string)) {
	if err := f.write(a); err != nil {
		f.dropped.Add(1)
		if !f.failed {
			warn(fmt.Sprintf("cannot write an alert: %v; going on without", err))
		}
		f.failed = true
		return
	}
	f.sent.Add(1)
	f.failed = false
}

func (f *File) write(a *Alert) error {
	if f.f != nil && f.moved() {
		f.close()
	}
	if f.f == nil {
		if err := f.open(); err != nil {
			return err
		}
	}
	_, err := f.f.Write(append(a.Finding[:len(a.Finding):len(a.Finding)], '\n'))
	return err
}

// moved reports whether the path leads to another file by now.
func (f *File) moved() bool {
	mine, err := f.f.Stat()
	if err != nil {
		return true
	}
	there, err := os.Stat(f.path)
	return err != nil || !os.SameFile(mine, there)
}

func (f *File) close() {
	if f.f != nil {
		_ = f.f.Close()
		f.f = nil
	}
}
