package follow

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"why401/parsers"
)

// A line of any length passes in pieces, written at once or bit by bit.
func TestLongLines(t *testing.T) {
	each(t, func(r *rig) {
		r.reopen(r.path)
		r.start()
		r.put("short\n")
		long := strings.Repeat("0123456789abcde ", 5<<20/16)
		want := "short\n" + long + "\nshort\n" + long + "\nlast\n"
		var got bytes.Buffer
		var b parsers.Block
		most := 0
		read := func() bool {
			if r.f.Next(r.Context(), &b, 20*time.Millisecond, none) != nil {
				return false
			}
			got.Write(b.Data)
			most = max(most, r.f.logs[0].current.cut.Partial())
			return true
		}
		r.put(long)
		r.put("\nshort\n")
		for i := 0; i < len(long); i += 100_000 {
			r.put(long[i:min(i+100_000, len(long))])
			read()
		}
		r.put("\nlast\n")
		for end := time.Now().Add(20 * time.Second); got.Len() < len(want) && time.Now().Before(end); {
			read()
		}
		if got.String() != want {
			t.Fatalf("%d bytes came, want %d", got.Len(), len(want))
		}
		if most > 2*parsers.MaxLine {
			t.Errorf("%d bytes were held at once", most)
		}
		if g := r.f.logs[0].current; g.track.given.Offset != int64(len(want)) || g.track.given.Line != 6 {
			t.Errorf("the place is %d, line %d", g.track.given.Offset, g.track.given.Line)
		}
	})
}

// A line that never ends doesn't stand in the way of other logs, and is no place
// to go on from.
func TestALineWithoutEnd(t *testing.T) {
	r := newRig(t)
	other := r.path
	r.path = r.dir + "/endless.log"
	r.reopen(r.path)
	r.put(strings.Repeat("z", 3*parsers.MaxLine))
	endless := r.w
	r.w = nil
	r.reopen(other)
	r.start(r.path, other)
	r.write(5)
	r.until("the other log", func() bool {
		n := 0
		for _, line := range r.got {
			if !strings.HasPrefix(line, "z") {
				n++
			}
		}
		return n == 5
	})
	if at := r.f.logs[0].current.track.given.Offset; at != 0 {
		t.Errorf("the place is %d, within the line", at)
	}
	endless.Close()
}

// The elements of a document are handed out as they come, and no place within it is
// one to go on from.
func TestDocument(t *testing.T) {
	each(t, func(r *rig) {
		r.reopen(r.path)
		r.start()
		var b parsers.Block
		var got bytes.Buffer
		until := func(want string) {
			t.Helper()
			for end := time.Now().Add(20 * time.Second); got.String() != want; {
				if time.Now().After(end) {
					t.Fatalf("got %q, want %q", &got, want)
				}
				if r.f.Next(r.Context(), &b, 20*time.Millisecond, none) == nil {
					got.Write(b.Data)
				}
			}
		}
		first, second := "[\n{\"user\": \"ada\",\n \"status\": 401}\n", ",{\"user\": \"ben\", \"status\": 401}\n]\n"
		r.put(first)
		until(first)
		if at := r.f.logs[0].current.track.given.Offset; at != 0 {
			t.Errorf("the place is %d, within the document", at)
		}
		r.put(second)
		until(first + second)
		if at := r.f.logs[0].current.track.given.Offset; at != int64(len(first+second)) {
			t.Errorf("the place is %d behind the document", at)
		}
	})
}
