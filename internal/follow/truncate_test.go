package follow

import (
	"os"
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
