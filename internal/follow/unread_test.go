package follow

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"why401/detectors"
	"why401/internal/engine"
)

// A shelf is a folder of logs that batch runs read, between which they are written
// and rotated.
type shelf struct {
	t      *testing.T
	dir    string
	state  []byte // of Places
	now    time.Time
	n      int // lines written
	read   []string
	warned []string
}

func newShelf(t *testing.T) *shelf {
	return &shelf{t: t, dir: t.TempDir(), state: []byte("null"), now: time.Now()}
}

func (s *shelf) path(name string) string { return filepath.Join(s.dir, name) }

func (s *shelf) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) append(name, text string) {
	f, err := os.OpenFile(s.path(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	s.check(err)
	_, err = f.WriteString(text)
	s.check(err)
	s.check(f.Close())
}

// write appends n lines, each of which says which one it is.
func (s *shelf) write(name string, n int) {
	for range n {
		s.n++
		s.append(name, fmt.Sprintf("line %d of what the server says, with some more words to it %s\n", s.n, strings.Repeat("x", s.n%40)))
	}
}

func (s *shelf) rename(from, to string) { s.check(os.Rename(s.path(from), s.path(to))) }

// compress replaces a file by its compressed copy, which is as old.
func (s *shelf) compress(name string) {
	info, err := os.Stat(s.path(name))
	s.check(err)
	data, err := os.ReadFile(s.path(name))
	s.check(err)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err = z.Write(data)
	s.check(err)
	s.check(z.Close())
	s.check(os.WriteFile(s.path(name+".gz"), b.Bytes(), 0o600))
	s.check(os.Chtimes(s.path(name+".gz"), info.ModTime(), info.ModTime()))
	s.check(os.Remove(s.path(name)))
}

// rotate moves the log away as logrotate does that compresses a day later.
func (s *shelf) rotate(name string) {
	for i := 8; i > 1; i-- {
		for _, ext := range []string{"", ".gz"} {
			if _, err := os.Stat(s.path(fmt.Sprintf("%s.%d%s", name, i, ext))); err == nil {
				s.rename(fmt.Sprintf("%s.%d%s", name, i, ext), fmt.Sprintf("%s.%d%s", name, i+1, ext))
			}
		}
	}
	if _, err := os.Stat(s.path(name + ".1")); err == nil {
		s.rename(name+".1", name+".2")
		s.compress(name + ".2")
	}
	s.rename(name, name+".1")
}

// run reads what is new of args, and forgets it unless it is to be kept.
func (s *shelf) run(keep bool, args ...string) (unread []string) {
	s.t.Helper()
	var p Places
	s.check(json.Unmarshal(s.state, &p))
	for i := range args {
		args[i] = s.path(args[i])
	}
	logs, _ := engine.Open(args, nil)
	s.now = time.Now()
	logs = p.Unread(logs, s.now, func(w string) { s.warned = append(s.warned, w) })
	out := &collect{}
	stats, err := engine.Run(context.Background(), logs, engine.Config{Mode: engine.Redact}, out)
	s.check(err)
	for i := range logs {
		unread = append(unread, filepath.Base(logs[i].Name))
	}
	if !keep {
		p.Close()
		return unread
	}
	p.Read(stats)
	s.state, err = json.Marshal(&p)
	s.check(err)
	for line := range strings.Lines(out.String()) {
		s.read = append(s.read, line)
	}
	return unread
}

type collect struct{ bytes.Buffer }

func (*collect) Flush() error                    { return nil }
func (*collect) Finding(detectors.Finding) error { return nil }

// once fails unless each line that was written was read once.
func (s *shelf) once() {
	s.t.Helper()
	seen := make([]int, s.n+1)
	for _, line := range s.read {
		n := 0
		line = strings.TrimPrefix(line, "\ufeff") // which stays where it was
		if _, err := fmt.Sscanf(line, "line %d ", &n); err != nil || n < 1 || n > s.n || line[len(line)-1] != '\n' {
			s.t.Errorf("read what nobody wrote: %q", line)
			continue
		}
		seen[n]++
	}
	for n, times := range seen[1:] {
		if times != 1 {
			s.t.Errorf("line %d was read %d times", n+1, times)
		}
	}
	if s.t.Failed() {
		list, _ := filepath.Glob(s.path("*"))
		s.t.Fatal(list, s.warned, string(s.state))
	}
}

func TestUnread(t *testing.T) {
	tests := map[string]func(s *shelf){
		"goes on": func(s *shelf) {
			s.write("a.log", 3)
			s.run(true, "a.log")
			if got := s.run(true, "a.log"); len(got) != 0 {
				t.Errorf("read %v, which hasn't changed", got)
			}
			s.write("a.log", 2)
			s.run(true, "a.log")
		},
		"is killed": func(s *shelf) {
			s.write("a.log", 3)
			s.run(true, "a.log")
			s.write("a.log", 3)
			s.run(false, "a.log")
			s.rotate("a.log")
			s.write("a.log", 3)
			s.run(false, "a.log")
			s.run(true, "a.log")
		},
		"last line is being written": func(s *shelf) {
			s.write("a.log", 3)
			s.append("a.log", "line 4 of what the ")
			s.n++
			s.run(true, "a.log")
			s.run(true, "a.log")
			s.append("a.log", "server says\n")
			s.run(true, "a.log")
		},
		"the first line is being written": func(s *shelf) {
			s.append("a.log", "line 1 of")
			s.n++
			s.run(true, "a.log")
			s.append("a.log", " it all\n")
			s.run(true, "a.log")
		},
		"rotated, named alone": func(s *shelf) {
			s.write("a.log", 20)
			s.run(true, "a.log")
			s.write("a.log", 2)
			s.rotate("a.log")
			s.write("a.log", 3)
			s.run(true, "a.log")
			s.rotate("a.log")
			s.write("a.log", 1)
			s.run(true, "a.log")
		},
		"rotated more than once": func(s *shelf) {
			s.write("a.log", 20)
			s.run(true, "a.log")
			for range 3 {
				s.write("a.log", 2)
				s.rotate("a.log")
			}
			s.write("a.log", 3)
			s.run(true, "a.log")
		},
		"rotated, the folder": func(s *shelf) {
			for i := range 4 {
				s.write("a.log", 20-5*i)
				s.write("b.log", 7)
				s.run(true, "")
				s.write("a.log", 2)
				s.rotate("a.log")
				s.write("a.log", 1)
			}
			s.run(true, "")
			if got := s.run(true, ""); len(got) != 0 {
				t.Errorf("read %v, which haven't changed", got)
			}
		},
		"rotated with dates": func(s *shelf) {
			s.write("a.log", 20)
			s.run(true, "a.log")
			s.write("a.log", 1)
			s.rename("a.log", "a.log-20260312")
			s.write("a.log", 1)
			s.compress("a.log-20260312")
			s.run(true, "a.log")
		},
		"short logs, rotated and compressed": func(s *shelf) {
			s.write("a.log", 1)
			s.run(true, "")
			s.rename("a.log", "a.log.1")
			s.write("a.log", 1)
			s.compress("a.log.1")
			s.run(true, "")
		},
		"copied and truncated": func(s *shelf) {
			s.write("a.log", 20)
			s.run(true, "a.log")
			s.write("a.log", 2)
			data, err := os.ReadFile(s.path("a.log"))
			s.check(err)
			s.check(os.WriteFile(s.path("a.log.1"), data, 0o600))
			s.check(os.Truncate(s.path("a.log"), 0))
			s.write("a.log", 30)
			s.run(true, "a.log")
		},
		"deleted and made anew": func(s *shelf) {
			s.write("a.log", 2)
			s.run(true, "a.log")
			s.check(os.Remove(s.path("a.log")))
			s.write("a.log", 9)
			s.run(true, "a.log")
		},
		"compressed logs that come": func(s *shelf) {
			s.write("x.log", 9)
			s.compress("x.log")
			s.run(true, "")
			s.rename("x.log.gz", "y.log.gz")
			s.write("x.log", 2)
			s.compress("x.log")
			s.run(true, "")
		},
		"UTF-8 with a mark": func(s *shelf) {
			s.append("a.log", "\ufeff")
			s.write("a.log", 20)
			s.run(true, "a.log")
			s.write("a.log", 2)
			s.rotate("a.log")
			s.compress("a.log.1")
			s.write("a.log", 2)
			s.run(true, "a.log")
		},
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) {
			s := newShelf(t)
			f(s)
			if s.once(); len(s.warned) > 0 && name != "deleted and made anew" {
				t.Error(s.warned)
			}
		})
	}
}

// TestUnreadOldLine holds that a last line without its newline is read once its file
// was rotated away and rests.
func TestUnreadOldLine(t *testing.T) {
	s := newShelf(t)
	s.write("a.log", 9)
	s.append("a.log", "the last words")
	s.run(true, "")
	s.rotate("a.log")
	s.write("a.log", 1)
	for range 3 {
		s.run(true, "")
	}
	all := strings.Join(s.read, "")
	if strings.Count(all, "the last words") != 1 || strings.Count(all, "line ") != 10 {
		t.Errorf("read %q", all)
	}
}

// TestUnreadAtRandom writes, rotates and reads in any order.
func TestUnreadAtRandom(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := newShelf(t)
		args := [][]string{{"a.log"}, {""}, {"a.log", "b.log"}}[seed%3]
		s.write("a.log", 1+r.IntN(30))
		if seed%3 > 0 {
			s.write("b.log", 1)
		}
		s.run(true, slices.Clone(args)...)
		for range 12 {
			switch r.IntN(8) {
			case 0, 1, 2:
				s.write("a.log", 1+r.IntN(20))
			case 3:
				s.write("a.log", 1)
				s.rotate("a.log")
				s.write("a.log", 1+r.IntN(9))
			case 4:
				if seed%3 > 0 {
					s.write("b.log", 1+r.IntN(9))
				}
			case 5:
				s.run(false, slices.Clone(args)...)
			default:
				s.run(true, slices.Clone(args)...)
			}
		}
		s.run(true, slices.Clone(args)...)
		if s.once(); len(s.warned) > 0 {
			t.Fatal(seed, s.warned)
		}
	}
}

func FuzzPlaces(f *testing.F) {
	f.Add([]byte(`[{"path":"/a","offset":3,"line":2,"head":{"len":3,"crc":1},"mark":{"len":3,"crc":1},"size":3}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p Places
		if json.Unmarshal(data, &p) != nil {
			return
		}
		name := filepath.Join(t.TempDir(), "a")
		if err := os.WriteFile(name, []byte("one\ntwo\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		logs := p.Unread([]engine.Log{{Name: name}}, time.Unix(1, 0), func(string) {})
		stats, err := engine.Run(t.Context(), logs, engine.Config{Mode: engine.Redact}, &collect{})
		if err != nil {
			t.Fatal(err)
		}
		p.Read(stats)
	})
}
