package engine

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// inTimeOrder puts the members of each rotated set (x.log, x.log.1, x.log.2.gz;
// x.log-20260511.gz) in the order in which they were written, oldest first, at
// the place of the member that was named first. All else stays where it is.
func inTimeOrder(logs []Log) []Log {
	type member struct {
		log   Log
		set   int // place of the set
		place rotated
	}
	sets := map[string]int{}
	members := make([]member, len(logs))
	for i, l := range logs {
		stem, place := splitRotation(l.Name)
		set, ok := sets[stem]
		if !ok {
			set = i
			sets[stem] = i
		}
		members[i] = member{l, set, place}
	}
	slices.SortStableFunc(members, func(a, b member) int {
		return cmp.Or(cmp.Compare(a.set, b.set), a.place.compare(b.place))
	})
	sorted := make([]Log, len(logs))
	for i, m := range members {
		sorted[i] = m.log
	}
	return sorted
}

// ErrCopy is why one of two files of a rotated set is left out.
var ErrCopy = errors.New("holds what another file of its set holds")

// withoutCopies leaves out what a rotated set holds twice: a file and its compressed
// copy, or one that a rotation was copying. Of two that begin with the same bytes the
// one is kept that isn't compressed, else the first. Logs are in time order.
func withoutCopies(logs []Log) (kept []Log, copies []Skipped) {
	const enough = 64 << 10 // equal bytes that no two logs begin with by chance
	type member struct {
		place rotated
		head  []byte
		at    int // in kept
	}
	sets := map[string][]member{}
	stems := map[string]int{}
	for _, l := range logs {
		stem, _ := splitRotation(l.Name)
		stems[stem]++
	}
next:
	for _, l := range logs {
		stem, place := splitRotation(l.Name)
		if stems[stem] < 2 || l.Name == "-" || l.Program != nil {
			kept = append(kept, l)
			continue
		}
		head := headOf(l.Name, enough)
		for i, m := range sets[stem] {
			if len(head) == 0 || !bytes.Equal(head, m.head) || place != m.place && len(head) < enough {
				continue
			}
			out := l
			if old := kept[m.at]; isPacked(old.Name) && !isPacked(l.Name) {
				out, kept[m.at] = old, l
				sets[stem][i].place = place
			}
			copies = append(copies, Skipped{Name: out.Name, Err: ErrCopy})
			continue next
		}
		sets[stem] = append(sets[stem], member{place, head, len(kept)})
		kept = append(kept, l)
	}
	return kept, copies
}

// headOf returns the first bytes of a file, decompressed, none where it can't be read.
func headOf(name string, n int) []byte {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	in, err := openFile(name)
	if err != nil {
		return nil
	}
	defer in.Close()
	head := make([]byte, n)
	n, _ = io.ReadFull(in, head)
	return head[:n]
}

func isPacked(name string) bool {
	switch filepath.Ext(name) {
	case ".gz", ".zst", ".bz2":
		return true
	}
	return false
}

// rotated is a file's place in its set.
type rotated struct {
	date   string // digits of the date in its name, "" for none
	number int    // the higher the older; 0 for none
}

// compare orders the oldest first; the file that is being written has neither
// date nor number.
func (r rotated) compare(o rotated) int {
	if (r.date == "") != (o.date == "") {
		if r.date == "" {
			return 1
		}
		return -1
	}
	return cmp.Or(strings.Compare(r.date, o.date), cmp.Compare(o.number, r.number))
}

// splitRotation takes off what logrotate and its like add to a log's name:
// compression, a number, a date (dateext, -YYYYMMDD with or without a time).
func splitRotation(name string) (stem string, r rotated) {
	if name == "-" {
		return name, r
	}
	stem = name
	for _, ext := range []string{".gz", ".zst", ".bz2"} {
		stem = strings.TrimSuffix(stem, ext)
	}
	if ext := filepath.Ext(stem); len(ext) > 1 && len(ext) <= 5 {
		if n, err := strconv.Atoi(ext[1:]); err == nil && n > 0 {
			r.number = n
			stem = strings.TrimSuffix(stem, ext)
		}
	}
	end := len(stem)
	for end > 0 && ('0' <= stem[end-1] && stem[end-1] <= '9' || stem[end-1] == '-' || stem[end-1] == '_') {
		end--
	}
	tail := stem[end:]
	digits := strings.NewReplacer("-", "", "_", "").Replace(tail)
	if len(digits) >= 8 && len(digits) <= 14 && (digits[:2] == "19" || digits[:2] == "20") && (tail[0] < '0' || stem[end-1] == '.') {
		r.date = digits
		stem = strings.TrimSuffix(stem[:end], ".")
	}
	return stem, r
}
