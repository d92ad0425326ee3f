package follow

import (
	"bytes"
	"context"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"time"
)

// A place is how far a file was read, and how to know the file again: by its
// inode while that lasts, and by the bytes at its start and before the place
// wherever a copy of it may be.
type place struct {
	Path   string    `json:"path"` // as the user knows the log
	File   inode     `json:"file"` // zero when only its bytes can tell it
	Offset int64     `json:"offset"`
	Line   int64     `json:"line"`  // number of the line that starts at Offset
	Head   sum       `json:"head"`  // of the first bytes, no more than Offset
	First  sum       `json:"first"` // of fewer of them: shorter copies begin so too
	Mark   sum       `json:"mark"`  // of the last bytes before Offset
	Seen   time.Time `json:"seen"`  // when Path was last known to lead to this file
	Done   bool      `json:"done"`  // rotated away and read to its end
}

// An inode tells files apart while they exist.
type inode struct {
	Dev uint64 `json:"dev"`
	Ino uint64 `json:"ino"`
}

// A sum is the CRC of a few bytes: too short a number to confirm a guess of them.
type sum struct {
	Len int    `json:"len"`
	CRC uint32 `json:"crc"`
}

const (
	headLen = 1024 // bytes of place.Head, at most
	markLen = 64   // bytes of place.Mark, at most
)

var crcTable = crc32.MakeTable(crc32.Castagnoli)

func sumOf(p []byte) sum { return sum{len(p), crc32.Checksum(p, crcTable)} }

// valid reports whether p can be a place.
func (p *place) valid() bool {
	return p.Offset >= 0 && p.Line >= 0 && p.Head.Len >= 0 && p.Head.Len <= headLen && p.Mark.Len >= 0 && p.Mark.Len <= markLen && p.First.Len >= 0 && p.First.Len <= markLen && p.Path != ""
}

// firm reports whether the bytes alone tell the file from others.
func (p *place) firm() bool { return p.Head.Len >= 256 && p.Mark.Len == markLen }

// in reports whether f, of this size, holds the bytes of the place, and so has
// been read up to it.
func (p *place) in(f io.ReaderAt, size int64) bool {
	return size >= p.Offset && matches(f, 0, p.Head) && matches(f, p.Offset-int64(p.Mark.Len), p.Mark)
}

func matches(f io.ReaderAt, at int64, want sum) bool {
	var buf [headLen]byte
	if want.Len < 0 || want.Len > headLen || at < 0 {
		return false
	}
	n, _ := f.ReadAt(buf[:want.Len], at)
	return n == want.Len && sumOf(buf[:n]) == want
}

// seekEnd moves the place to the start of the last line that may still be
// written, and counts the lines before.
func (p *place) seekEnd(ctx context.Context, f *os.File, size int64) error {
	buf := make([]byte, chunk)
	order := orderOf(f)
	var at, lines, end int64
	for at < size && ctx.Err() == nil {
		n, err := f.ReadAt(buf[:min(int64(len(buf)), size-at)], at)
		if n == 0 {
			if err == io.EOF {
				break
			}
			return err
		}
		if order != nil {
			if more, last := lastLine(buf[:n], order); more > 0 {
				lines, end = lines+more, at+int64(last)
			}
		} else if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			lines += int64(bytes.Count(buf[:n], []byte{'\n'}))
			end = at + int64(i) + 1
		}
		at += int64(n)
	}
	p.Offset, p.Line = end, lines+1
	return p.remember(f)
}

// remember takes the sums of the place from its file.
func (p *place) remember(f io.ReaderAt) error {
	head := make([]byte, min(headLen, p.Offset))
	if _, err := f.ReadAt(head, 0); err != nil && len(head) > 0 {
		return err
	}
	mark := make([]byte, min(markLen, p.Offset))
	if _, err := f.ReadAt(mark, p.Offset-int64(len(mark))); err != nil && len(mark) > 0 {
		return err
	}
	p.Head, p.First, p.Mark = sumOf(head), sumOf(head[:min(markLen, len(head))]), sumOf(mark)
	return nil
}

// grow takes what was read behind the first bytes into their sums.
func (p *place) grow(data []byte) {
	for _, s := range []struct {
		sum *sum
		len int
	}{{&p.Head, headLen}, {&p.First, markLen}} {
		if p.Offset == int64(s.sum.Len) {
			n := min(len(data), s.len-s.sum.Len)
			*s.sum = sum{s.sum.Len + n, crc32.Update(s.sum.CRC, crcTable, data[:n])}
		}
	}
}

// skip reads r, which gives a file from its start, up to the place. It reports
// whether the bytes are those of the place; if so, r stands there, behind k.
func (p *place) skip(r io.Reader) (k marker, ok bool) {
	if p.Head.Len < 0 || p.Head.Len > headLen || p.Mark.Len < 0 || p.Mark.Len > markLen || p.Offset < int64(max(p.Head.Len, p.Mark.Len)) {
		return k, false
	}
	buf := make([]byte, 256<<10)
	head := buf[:min(headLen, p.Offset)]
	if _, err := io.ReadFull(r, head); err != nil || sumOf(head[:p.Head.Len]) != p.Head {
		return k, false
	}
	k.add(head)
	for left := p.Offset - int64(len(head)); left > 0; {
		n, err := io.ReadFull(r, buf[:min(left, int64(len(buf)))])
		if err != nil {
			return k, false
		}
		k.add(buf[:n])
		left -= int64(n)
	}
	return k, sumOf(k.last()[max(0, k.n-p.Mark.Len):]) == p.Mark
}

// A marker remembers the last bytes that passed.
type marker struct {
	buf [markLen]byte
	n   int
}

func (k *marker) add(p []byte) {
	if len(p) >= markLen {
		k.n = copy(k.buf[:], p[len(p)-markLen:])
		return
	}
	if over := k.n + len(p) - markLen; over > 0 {
		copy(k.buf[:], k.buf[over:k.n])
		k.n -= over
	}
	k.n += copy(k.buf[k.n:], p)
}

func (k *marker) last() []byte { return k.buf[:k.n] }

// A track is a place on its way: given is what was handed out, kept what the
// next checkpoint may say.
type track struct {
	given, kept place
	steps       []step[place] // from kept to given
	mark        marker        // the bytes before given.Offset, or within the long line there
	start       []byte        // the first bytes that were read, headLen at most
	live        bool          // a generation reads it
	cut         bool          // its file was truncated, and no copy was found yet
}

// commit says that n blocks are done with, and reports whether that is news.
func (t *track) commit(n int64) (news bool) {
	t.steps, news = commit(t.steps, n, &t.kept)
	return news
}

// A step is where a log was read to when so many blocks had been handed out.
type step[T any] struct {
	blocks int64
	to     T
}

const maxSteps = 256

// addStep adds a step. Of many it keeps some: what is committed too late is read twice
// after a crash, and never lost.
func addStep[T any](steps []step[T], blocks int64, to T) []step[T] {
	if n := len(steps); n > 0 && steps[n-1].blocks == blocks {
		steps[n-1].to = to
		return steps
	}
	if len(steps) == maxSteps {
		for i := range maxSteps / 2 {
			steps[i] = steps[2*i+1]
		}
		steps = steps[:maxSteps/2]
	}
	return append(steps, step[T]{blocks, to})
}

// commit moves kept along the steps up to so many blocks, and returns the rest.
func commit[T any](steps []step[T], blocks int64, kept *T) (rest []step[T], news bool) {
	n := 0
	for n < len(steps) && steps[n].blocks <= blocks {
		n++
	}
	if n == 0 {
		return steps, false
	}
	*kept = steps[n-1].to
	return slices.Delete(steps, 0, n), true
}
