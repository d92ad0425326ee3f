package follow

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var sequences = flag.Int("sequences", 40, "random sequences of rotations of each kind")

// A rotator does to a log what writers and programs that rotate do, at random, and
// looks at it now and then: never, once or often between two of their steps.
type rotator struct {
	*rig
	*rand.Rand
	dated   bool            // rotated files are named by date, not by number
	destroy map[string]bool // lines that may be lost: they stood in no file any more
	rotated int
	times   map[uint64]time.Time // of files, by inode
	done    []string             // what was done, for whoever has to find out
}

// stamp gives what was changed the time of the follower's clock.
func (r *rotator) stamp() {
	r.must(filepath.WalkDir(r.dir, func(path string, _ fs.DirEntry, err error) error {
		r.must(err)
		info, err := os.Stat(path)
		r.must(err)
		id, _ := identify(info)
		if info.ModTime().Equal(r.times[id.Ino]) {
			return nil
		}
		now := r.opt.now()
		r.times[id.Ino] = now
		return os.Chtimes(path, time.Time{}, now)
	}))
}

func (r *rotator) did(format string, args ...any) {
	r.stamp()
	r.done = append(r.done, fmt.Sprintf(format, args...))
	r.look()
}

func (r *rotator) look() {
	if r.f == nil {
		return
	}
	if r.IntN(6) == 0 {
		r.ahead += time.Duration(r.IntN(40)) * time.Second
	}
	for range []int{0, 0, 0, 1, 1, 3}[r.IntN(6)] {
		r.ahead += []time.Duration{pace, pace, hotPace, quiet / 2}[r.IntN(4)]
		r.f.due = time.Time{}
		for _, l := range r.f.logs {
			l.due = time.Time{}
		}
		n := len(r.got)
		r.within(0)
		r.done = append(r.done, fmt.Sprintf("look: %d", len(r.got)-n))
	}
}

// away returns a name for the next rotated file, which is free after it.
func (r *rotator) away() string {
	r.rotated++
	if r.dated {
		return fmt.Sprintf("%s-202605%02d", r.path, r.rotated)
	}
	for i := r.rotated - 1; i > 0; i-- {
		for _, ext := range []string{"", ".gz"} {
			err := os.Rename(fmt.Sprintf("%s.%d%s", r.path, i, ext), fmt.Sprintf("%s.%d%s", r.path, i+1, ext))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				r.Fatal(err)
			}
		}
	}
	r.did("shifted")
	return r.path + ".1"
}

// unread returns the lines that stand in a file and haven't come.
func (r *rotator) unread(name string) (lines []string) {
	data, err := os.ReadFile(name)
	r.must(err)
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if !slices.Contains(r.got, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

func (r *rotator) lose(lines []string) {
	for _, l := range lines {
		r.destroy[l] = true
	}
}

func (r *rotator) compress(name string) {
	data, err := os.ReadFile(name)
	r.must(err)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err = z.Write(data)
	r.must(err)
	r.must(z.Close())
	info, err := os.Stat(name)
	r.must(err)
	half := packed.Len() / 2
	r.must(os.WriteFile(name+".gz", packed.Bytes()[:half], 0o644))
	r.did("half of %s.gz", filepath.Base(name))
	r.must(os.WriteFile(name+".gz", packed.Bytes(), 0o644))
	r.must(os.Chtimes(name+".gz", time.Time{}, info.ModTime())) // as gzip does
	packedInfo, err := os.Stat(name + ".gz")
	r.must(err)
	id, _ := identify(packedInfo)
	r.times[id.Ino] = info.ModTime()
	r.did("%s.gz", filepath.Base(name))
	r.must(os.Remove(name))
	r.did("removed %s", filepath.Base(name))
}

func (r *rotator) lines() {
	n := []int{1, 2, 5, 40}[r.IntN(4)]
	r.write(n)
	r.did("wrote %d", n)
}

// act does one thing.
func (r *rotator) act() {
	r.reopen(r.path)
	what := r.IntN(8)
	if what < 3 {
		r.lines()
		return
	}
	switch what {
	case 3, 4: // renamed
		to := r.away()
		r.rename(to)
		r.did("renamed to %s", filepath.Base(to))
		if r.IntN(2) == 0 {
			r.lines()
			r.must(os.WriteFile(r.path, nil, 0o644))
			r.did("made anew")
			r.lines()
		}
		r.reopen(r.path)
		r.did("reopened")
		if r.IntN(2) == 0 {
			r.compress(to)
		}
	case 5, 6: // copied and truncated
		to := r.away()
		data, err := os.ReadFile(r.path)
		r.must(err)
		r.must(os.WriteFile(to, nil, 0o644))
		r.did("an empty %s", filepath.Base(to))
		half := len(data) / 2
		r.must(os.WriteFile(to, data[:half], 0o644))
		r.did("half of %s", filepath.Base(to))
		r.must(os.WriteFile(to, data, 0o644))
		r.did("copied")
		if r.IntN(3) == 0 {
			n := len(r.written)
			r.lines()
			r.lose(r.written[n:])
		}
		r.must(os.Truncate(r.path, 0))
		r.did("truncated")
		if r.IntN(2) == 0 {
			r.compress(to)
		}
	case 7:
		unread := r.unread(r.path)
		if r.IntN(2) == 0 {
			r.must(os.Truncate(r.path, 0))
			r.lose(unread)
			r.did("truncated without a copy")
			return
		}
		if info, err := os.Stat(r.path); err != nil || r.f == nil || r.f.reading(info) == nil {
			r.lose(unread)
		}
		r.must(os.Remove(r.path))
		r.did("removed")
		r.reopen(r.path)
		r.did("made anew")
	}
}

// judge follows to the end: whatever stands in a file has come once.
func (r *rotator) judge() {
	seen := map[string]int{}
	missing := func() (lines []string) {
		clear(seen)
		for _, l := range r.got {
			seen[l]++
		}
		for _, l := range r.written {
			if seen[l] == 0 && !r.destroy[l] {
				lines = append(lines, l)
			}
		}
		return lines
	}
	fail := func(format string, args ...any) {
		r.Fatalf(format+"\n%s\nsaid %q", append(args, strings.Join(r.done, "\n"), r.said)...)
	}
	for tries := 0; len(missing()) > 0; tries++ {
		r.ahead += pace
		if !r.within(time.Millisecond) && tries > 200 {
			l := missing()
			fail("%d lines are lost, the first is %q", len(l), l[0])
		}
	}
	for range 3 {
		r.ahead += linger
		for r.within(time.Millisecond) {
		}
	}
	missing()
	for _, l := range r.got {
		if seen[l] > 1 {
			fail("%q came %d times", l, seen[l])
		}
	}
}

// Whatever happens between two looks, what stands in a file comes once.
func TestAnyRotations(t *testing.T) {
	for name, v := range map[string]struct{ patterns, restarts bool }{"named": {}, "found": {patterns: true}, "restarted": {restarts: true}} {
		for seed := range uint64(*sequences) {
			t.Run(fmt.Sprintf("%s %d", name, seed), func(t *testing.T) {
				r := &rotator{rig: newRig(t), Rand: rand.New(rand.NewPCG(seed, 401)), destroy: map[string]bool{}, times: map[uint64]time.Time{}}
				r.dated, r.opt.Poll = r.IntN(2) == 0, r.IntN(2) == 0
				what := r.path
				if v.patterns {
					what = []string{r.path + "*", r.dir}[r.IntN(2)]
				}
				if v.restarts {
					r.opt.State = filepath.Join(t.TempDir(), "state")
				}
				r.reopen(r.path)
				r.start(what)
				for range 4 + r.IntN(12) {
					if v.restarts && r.IntN(3) == 0 {
						if r.f != nil {
							r.stop()
							r.did("stopped")
						} else {
							r.start(what)
							r.did("started")
						}
					}
					r.act()
				}
				if r.f == nil {
					r.start(what)
				}
				r.judge()
			})
		}
	}
}
