package follow

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestTruncated(t *testing.T) {
	each(t, func(r *rig) {
		r.reopen(r.path)
		r.start()
		for range 3 {
			r.write(300)
			r.all()
			r.tailing()
			r.must(os.Truncate(r.path, 0))
			r.write(10)
			r.all()
		}
	})
}

// The file is as long as before, or longer, when somebody looks at it again.
func TestTruncatedAndGrownBeyond(t *testing.T) {
	each(t, func(r *rig) {
		r.reopen(r.path)
		r.start()
		for range 5 {
			r.write(10)
			r.all()
			r.tailing()
			r.must(os.Truncate(r.path, 0))
			r.write(500)
			r.all()
		}
	})
}

// What stood in the file between the last read and the truncation is in the copy.
func TestCopiedAndTruncated(t *testing.T) {
	each(t, func(r *rig) {
		r.reopen(r.path)
		r.start()
		for _, name := range []string{".1", ".2", ".3"} {
			r.write(200)
			r.all()
			r.write(200)
			data, err := os.ReadFile(r.path)
			r.must(err)
			r.must(os.WriteFile(r.path+name, data, 0o644))
			r.must(os.Truncate(r.path, 0))
			r.write(100)
			r.all()
		}
	})
}

// A truncation in the middle of a line leaves two pieces.
func TestTruncatedWithinALine(t *testing.T) {
	r := newRig(t)
	r.reopen(r.path)
	r.write(5)
	r.put("first")
	r.start()
	r.until("the lines", func() bool { return len(r.got) == 5 })
	r.must(os.Truncate(r.path, 0))
	r.put("second\n")
	r.written = append(r.written, "first", "second")
	r.all()
}

// fakeTailer stands in for the log's tailer, with lines that nobody has taken yet.
func (r *rig) fakeTailer(lines []byte) {
	g := r.f.logs[0].current
	g.stopTailer()
	gone := make(chan struct{})
	close(gone)
	g.tailer = &tailer{buf: lines, room: make(chan struct{}, 1), gone: gone, halt: func() {}}
	g.tailer.full.Store(true)
	g.told, g.gone = g.pos, gone
}

// A tailer that doesn't notice a truncation reads on in the middle of other lines.
func TestATailerReadsOnInAnotherContent(t *testing.T) {
	r := newRig(t)
	r.reopen(r.path)
	r.write(10)
	r.start()
	r.all()
	r.tailing()
	r.must(os.Truncate(r.path, 0))
	r.put("longer than any of the others\n")
	r.written = append(r.written, "longer than any of the others")
	r.write(20)
	data, err := os.ReadFile(r.path)
	r.must(err)
	r.fakeTailer(data[r.f.logs[0].current.pos:])
	r.all()
}

// What a tailer read before the truncation is nowhere else.
func TestATailerHasReadWhatIsGone(t *testing.T) {
	for name, grow := range map[string]int{"shorter": 1, "longer": 50} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.reopen(r.path)
			r.write(10)
			r.start()
			r.all()
			r.tailing()
			r.fakeTailer([]byte("the last\n"))
			r.written = append(r.written, "the last")
			r.must(os.Truncate(r.path, 0))
			r.put("a line that is unlike the others in its length\n")
			r.written = append(r.written, "a line that is unlike the others in its length")
			r.write(grow)
			r.all()
		})
	}
}

// Truncated and grown again while a lot is still to be read: what is read then
// are whole lines, each once, and all of the new ones.
func TestTruncatedWhileReading(t *testing.T) {
	r := newRig(t)
	r.reopen(r.path)
	r.write(10_000)
	r.start()
	if !r.next() {
		t.Fatal("nothing to read")
	}
	read := len(r.got)
	old := r.written
	r.must(os.Truncate(r.path, 0))
	r.put("a line that is unlike the others in its length\n")
	r.written = []string{"a line that is unlike the others in its length"}
	for i := range 9999 {
		r.written = append(r.written, "new "+old[i])
		r.put("new " + old[i] + "\n")
	}
	r.until("the new lines", func() bool { return r.got[len(r.got)-1] == r.written[len(r.written)-1] })
	more := len(r.got) - len(r.written) - 1 // and the piece of a line whose rest is gone
	if more < read || more >= len(old) {
		t.Fatalf("%d old lines came, at least %d were read", more, read)
	}
	if piece := r.got[more]; !strings.HasPrefix(old[more], piece) {
		t.Errorf("%q isn't the start of %q", piece, old[more])
	}
	r.written = append(r.written, old[:more]...)
	r.got = slices.Delete(r.got, more, more+1)
	r.same()
}
