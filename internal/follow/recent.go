package follow

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"time"
)

// A recent is a checkpoint that is written often, in place, and not synced: it outlives
// a process that is killed, and where the machine goes down the one of the store is
// there. One that was cut off is known by its sum. A nil recent keeps nothing.
type recent struct {
	file *os.File
	next time.Time // when the next may be written
}

const (
	recentFile  = "places.recent"
	recentOften = 10 * time.Millisecond
	recentShare = 50 // times as long as writing took it isn't done again
)

func openRecent(name string) *recent {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil
	}
	return &recent{file: file}
}

// load returns the state that was saved last, if it is whole.
func (r *recent) load() (st state, ok bool) {
	if r == nil {
		return st, false
	}
	data, err := io.ReadAll(io.NewSectionReader(r.file, 0, 1<<24))
	sum, rest, _ := bytes.Cut(data, []byte{'\n'})
	line, _, whole := bytes.Cut(rest, []byte{'\n'})
	if err != nil || !whole || string(sum) != sumLine(line) {
		return st, false
	}
	st, why := decode(line)
	return st, why == ""
}

func sumLine(line []byte) string { return fmt.Sprintf("%08x", crc32.Checksum(line, crcTable)) }

// save writes what encode gives in place of the last, unless that is too young.
func (r *recent) save(encode func() []byte, now time.Time) (saved bool) {
	if r == nil || now.Before(r.next) {
		return false
	}
	start := time.Now()
	line := encode()
	_, _ = r.file.WriteAt(append([]byte(sumLine(bytes.TrimSuffix(line, []byte{'\n'}))+"\n"), line...), 0)
	r.next = now.Add(max(recentOften, recentShare*time.Since(start)))
	return true
}

func (r *recent) close() {
	if r != nil {
		r.file.Close()
	}
}
