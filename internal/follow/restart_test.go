package follow

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"why401/parsers"
)

// withState returns a rig that remembers, with lines read and the follower stopped.
func withState(t *testing.T) *rig {
	r := newRig(t)
	r.opt.State = filepath.Join(r.dir, "state")
	r.reopen(r.path)
	r.write(200)
	r.start()
	r.all()
	r.stop()
	return r
}

func TestRestartGoesOn(t *testing.T) {
	r := withState(t)
	for range 3 {
		r.write(10)
		r.start()
		r.all()
		r.write(10)
		r.all()
		r.stop()
	}
	r.opt.FromEnd = true // there is a place: nothing is left out
	r.write(10)
	r.start()
	r.all()
}

// A start at the end is remembered before any line came.
func TestRestartAfterNothingCame(t *testing.T) {
	r := newRig(t)
	r.opt.State, r.opt.FromEnd = filepath.Join(r.dir, "state"), true
	r.reopen(r.path)
	r.write(5)
	r.written = nil
	r.start()
	r.tailing()
	r.stop()
	r.write(5)
	r.start()
	r.all()
}

// Started in another folder, with another name of the same file.
func TestRestartUnderAnotherName(t *testing.T) {
	r := withState(t)
	r.write(10)
	r.rename(r.path + ".1")
	r.reopen(r.path)
	r.write(10)
	r.Chdir(r.dir)
	r.start("./access.log", "access.log")
	r.all()
}

func TestRotatedWhileDown(t *testing.T) {
	r := withState(t)
	for _, name := range []string{".2", ".1"} {
		r.write(50)
		r.rename(r.path + name)
		r.reopen(r.path)
	}
	r.write(5)
	r.start()
	r.all()
	r.stop()
	r.write(5)
	r.start()
	r.all()
}

func TestCompressedWhileDown(t *testing.T) {
	for ext, compress := range map[string]func(io.Writer) (io.WriteCloser, error){
		".gz":  func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
		".zst": func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) },
	} {
		t.Run(ext, func(t *testing.T) {
			r := withState(t)
			for i, name := range []string{".2", ".1"} {
				r.write(300)
				data, err := os.ReadFile(r.path)
				r.must(err)
				var packed bytes.Buffer
				z, err := compress(&packed)
				r.must(err)
				_, err = z.Write(data)
				r.must(err)
				r.must(z.Close())
				r.must(os.WriteFile(r.path+name+ext, packed.Bytes(), 0o644))
				if i == 0 {
					r.must(os.Remove(r.path))
				} else {
					r.must(os.Truncate(r.path, 0))
				}
				r.reopen(r.path)
			}
			r.write(5)
			r.start()
			r.all()
			r.stop()
			r.write(5)
			r.start()
			r.all()
		})
	}
}

func TestTruncatedWhileDown(t *testing.T) {
	r := withState(t)
	r.must(os.Truncate(r.path, 0))
	r.write(500)
	r.start()
	r.all()
}

func TestCopiedAndTruncatedWhileDown(t *testing.T) {
	r := withState(t)
	r.write(50)
	data, err := os.ReadFile(r.path)
	r.must(err)
	r.must(os.WriteFile(r.path+".1", data, 0o644))
	r.must(os.Truncate(r.path, 0))
	r.write(500)
	r.start()
	r.all()
}

// A log that was moved to another disk, or edited in place, has another inode.
func TestReplacedByItsCopyWhileDown(t *testing.T) {
	r := withState(t)
	data, err := os.ReadFile(r.path)
	r.must(err)
	r.must(os.WriteFile(r.path+"x", data, 0o644))
	r.must(os.Rename(r.path+"x", r.path))
	r.reopen(r.path)
	r.write(5)
	r.start()
	r.all()
}

// A process that is killed right after a commit goes on where that was.
func TestKilledAfterACommit(t *testing.T) {
	r := withState(t)
	r.write(20)
	r.start()
	r.until("every line", func() bool { return len(r.got) >= len(r.written) })
	r.ahead += seldom
	r.must(r.f.Commit(r.f.given))
	r.f.store.lock.Close() // as the end of the process does
	r.f = nil
	r.write(5)
	r.start()
	r.all()
	r.stop()

	recent := filepath.Join(r.opt.State, recentFile)
	data, err := os.ReadFile(recent)
	r.must(err)
	for _, cut := range []string{"", string(data[:len(data)/2]), strings.Replace(string(data), `"offset":`, `"offset":9`, 1)} {
		r.must(os.WriteFile(recent, []byte(cut), 0o600))
		r.write(5)
		r.start()
		r.all()
		r.stop()
	}
}

// The place never is ahead of what was committed: after a crash lines come again,
// and none is lost.
func TestCrashRepeatsAndLosesNothing(t *testing.T) {
	r := withState(t)
	saved, err := os.ReadFile(filepath.Join(r.opt.State, stateFile))
	r.must(err)
	r.write(20)
	r.start()
	var b parsers.Block
	r.until("a block", func() bool { return r.f.Next(r.Context(), &b, 0, none) == nil })
	r.f.store.stale = true
	r.until("a checkpoint", func() bool { // whatever is written now doesn't cover it
		r.f.save(r.f.opt.now())
		return !r.f.store.saving && !r.f.store.stale
	})
	r.f.store.lock.Close() // as the end of the process does
	now, err := os.ReadFile(filepath.Join(r.opt.State, stateFile))
	r.must(err)
	place := func(s []byte) string {
		_, places, _ := strings.Cut(string(s), `"places"`)
		places, _, _ = strings.Cut(places, `"seen"`)
		return places
	}
	if place(now) != place(saved) {
		t.Errorf("the checkpoint moved from %s to %s without a commit", saved, now)
	}
	r.start()
	r.all()
}

func TestADamagedStateIsKeptAside(t *testing.T) {
	for name, content := range map[string]string{
		"damaged": `{"version":1,"places":[{"path":"a`,
		"empty":   "",
		"absurd":  `{"version":1,"places":[{"path":"a","offset":-1}]}`,
		"newer":   `{"version":2,"places":{}}`,
		"huge":    `{"version":1,"places":[{"path":"a","head":{"len":99999999}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.opt.State = filepath.Join(r.dir, "state")
			file := filepath.Join(r.opt.State, stateFile)
			r.must(os.Mkdir(r.opt.State, 0o700))
			r.must(os.WriteFile(file+".1", []byte("older"), 0o600))
			r.must(os.WriteFile(file, []byte(content), 0o600))
			r.reopen(r.path)
			r.start()
			if len(r.said) != 1 || !strings.Contains(r.said[0], stateFile+".2") {
				t.Errorf("said %q", r.said)
			}
			if kept, err := os.ReadFile(file + ".2"); err != nil || string(kept) != content {
				t.Errorf("kept %q, %v", kept, err)
			}
			r.write(3)
			r.all()
			r.stop()
			r.write(3)
			r.start()
			r.all()
		})
	}
}

func TestOneStateForOneFollower(t *testing.T) {
	r := newRig(t)
	r.opt.State = filepath.Join(r.dir, "state")
	r.start()
	if _, err := New([]string{r.path}, r.opt); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v", err)
	}
	r.stop()
	r.start()
}

// A state that can't be written is said once, and following goes on.
func TestAStateThatCantBeWritten(t *testing.T) {
	r := newRig(t)
	r.opt.State = filepath.Join(r.dir, "state")
	r.reopen(r.path)
	r.start()
	r.write(3)
	r.all()
	file := r.f.store.file
	r.f.store.file = filepath.Join(r.dir, "gone", stateFile)
	for range 3 {
		r.write(3)
		r.all()
		r.must(r.f.Commit(r.f.given))
		r.ahead += seldom * 2
		r.until("an attempt", func() bool { r.f.save(r.f.opt.now()); return r.f.store.failed && !r.f.store.saving })
	}
	if len(r.said) != 1 {
		t.Errorf("said %q", r.said)
	}
	r.f.store.file = file
	r.ahead += seldom * 5
	r.until("a checkpoint", func() bool { r.f.save(r.f.opt.now()); return !r.f.store.failed })
	if len(r.said) != 2 {
		t.Errorf("said %q", r.said)
	}
	r.stop()
	r.write(3)
	r.start()
	r.all()
}

// Nothing of a log's text is in the state.
func TestTheStateHoldsNoText(t *testing.T) {
	r := newRig(t)
	r.opt.State = filepath.Join(r.dir, "state")
	r.reopen(r.path)
	secret := "Authorization: Bearer " + "ey" + "Jhbm9uZSJ9.c3ludGhldGlj.c2ln"
	r.put(secret + "\n")
	r.written = []string{secret}
	r.start()
	r.all()
	r.stop()
	data, err := os.ReadFile(filepath.Join(r.opt.State, stateFile))
	r.must(err)
	if !bytes.Contains(data, []byte(r.path)) || bytes.Contains(data, []byte("Bearer")) || bytes.Contains(data, []byte("Jhbm9u")) {
		t.Errorf("the state is %s", data)
	}
}

// The folder can't even be made: that is said once, and following goes on.
func TestAStateFolderThatCantBeMade(t *testing.T) {
	r := newRig(t)
	r.must(os.WriteFile(filepath.Join(r.dir, "file"), nil, 0o644))
	r.opt.State = filepath.Join(r.dir, "file", "state")
	r.reopen(r.path)
	r.start()
	for range 3 {
		r.write(3)
		r.all()
		r.must(r.f.Commit(r.f.given))
		r.ahead += 2 * seldom
	}
	r.stop()
	r.same()
	if len(r.said) != 1 {
		t.Errorf("said %q", r.said)
	}
}

// What a compressed log's lines depend on is known when it is read on: its columns and
// its bytes' order.
func TestCompressedWhileDownIsReadAsBefore(t *testing.T) {
	for name, order := range map[string]byteOrder{"UTF-8": nil, "UTF-16": binary.LittleEndian} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.opt.State = filepath.Join(r.dir, "state")
			r.reopen(r.path)
			put := func(lines ...string) {
				for _, line := range lines {
					r.written = append(r.written, line)
					text := line + "\n"
					if order != nil {
						text = string(widen(nil, []byte(text), order))
					}
					r.put(text)
				}
			}
			if order != nil {
				r.put(string(order.AppendUint16(nil, bom)))
			}
			put("#Fields: date time cs-method sc-status")
			for i := range 2000 {
				put(fmt.Sprintf("2026-05-11 09:00:00 GET %d", 1000+i))
			}
			r.start()
			r.all()
			r.stop()
			put("2026-05-11 09:00:00 GET 401")
			data, err := os.ReadFile(r.path)
			r.must(err)
			var packed bytes.Buffer
			z := gzip.NewWriter(&packed)
			_, err = z.Write(data)
			r.must(err)
			r.must(z.Close())
			r.must(os.WriteFile(r.path+".1.gz", packed.Bytes(), 0o644))
			r.must(os.Remove(r.path))
			r.must(os.WriteFile(r.path, nil, 0o644))
			r.start()
			var b parsers.Block
			r.until("the line", func() bool { return r.f.Next(r.Context(), &b, time.Second, none) == nil })
			if string(b.Data) != "2026-05-11 09:00:00 GET 401\n" || string(b.Header) != r.written[0] || b.Line != 2002 {
				t.Errorf("line %d is %q below %q", b.Line, b.Data, b.Header)
			}
			if before := string(b.Before); !strings.HasSuffix(before, r.written[2000]+"\n") || len(before) < parsers.LookBehind/2 {
				t.Errorf("it follows %q", before)
			}
		})
	}
}
