package correlate

import "why401/detectors"

// A line is what pending knows of an attempt that waits for the other lines of its request.
type line struct {
	keys    keys
	next    [numKeys]int32 // links with keys that fall into one bucket, in the order of arrival: see ref
	prev    [numKeys]int32
	gone    bool // joined; its place in the order is passed over
	untimed bool // its time is that of its neighbours
	alone   bool // belongs to no request
	told    bool // its failure was reported
}

// keys are what other lines of the request may share; 0 is none.
type keys [numKeys]uint64

func (k *keys) any() bool { return k[byRequest]|k[byTrace]|k[byClient]|k[byPath] != 0 }

const (
	byRequest = iota
	byTrace
	byClient
	byPath // of lines that don't tell the client
	numKeys
)

// pending holds lines in the order of event time until they are settled, and
// finds them by key. Its size is bounded; it reuses its memory.
type pending struct {
	attempts []detectors.Attempt
	lines    []line // of the attempts
	free     []int32
	order    []int32 // slots by time, source and line, from head
	head     int

	first, last []int32      // buckets: slot+1
	counts      [numKeys]int // lines that have such a key
}

func newPending(max int) *pending {
	size := 64
	for size < 2*max {
		size *= 2
	}
	return &pending{first: make([]int32, size), last: make([]int32, size)}
}

func (p *pending) len() int { return len(p.order) - p.head }

// oldest returns the slot of the first line in order.
func (p *pending) oldest() int32 { return p.order[p.head] }

// before is the order of lines: by time, then by source and line, so that it
// doesn't depend on how they arrived. Sources are numbered by name.
func before(a, b *detectors.Attempt) bool {
	if a.Time != b.Time {
		return a.Time < b.Time
	}
	if a.Source != b.Source {
		return a.Source < b.Source
	}
	return a.Line < b.Line
}

// add takes a copy of a, as of the time at, with its keys, and returns its slot. It
// reports false for a line that is there already.
func (p *pending) add(a *detectors.Attempt, at int64, keys keys) (int32, bool) {
	var s int32
	if n := len(p.free); n > 0 {
		s, p.free = p.free[n-1], p.free[:n-1]
	} else {
		p.attempts, p.lines = append(p.attempts, detectors.Attempt{}), append(p.lines, line{})
		s = int32(len(p.lines) - 1)
	}
	b := &p.attempts[s]
	*b = *a
	b.Time = at
	p.lines[s].gone = false
	i := p.place(b)
	if i > p.head {
		if o := &p.attempts[p.order[i-1]]; o.Place == b.Place && o.Time == at && sameEntry(o, b) {
			p.free = append(p.free, s)
			return 0, false
		}
	}
	if len(p.order) == cap(p.order) && p.head > len(p.order)/2 {
		i -= p.head
		p.order = append(p.order[:0], p.order[p.head:]...)
		p.head = 0
	}
	p.order = append(p.order, s)
	if i < len(p.order)-1 {
		copy(p.order[i+1:], p.order[i:])
		p.order[i] = s
	}
	p.lines[s].keys = keys
	if keys.any() {
		for k, key := range keys {
			p.link(s, k, key)
		}
	}
	return s, true
}

// sameEntry tells the same entry, read again, from others of its line: one line may
// hold a list of them.
func sameEntry(a, b *detectors.Attempt) bool {
	return a.Request == b.Request && a.Client == b.Client && a.User == b.User && a.Path == b.Path && a.Status == b.Status
}

// place returns where in the order a belongs: near the end, as a rule.
func (p *pending) place(a *detectors.Attempt) int {
	i := len(p.order)
	for i > p.head && before(a, &p.attempts[p.order[i-1]]) {
		if i--; len(p.order)-i == 32 {
			return p.search(a)
		}
	}
	return i
}

// search returns where a belongs in the order.
func (p *pending) search(a *detectors.Attempt) int {
	lo, hi := p.head, len(p.order)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if before(a, &p.attempts[p.order[mid]]) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

func (p *pending) bucket(key uint64) int {
	return int((key * 0x9e3779b97f4a7c15) >> 32 & uint64(len(p.first)-1))
}

// ref names the k-th link of a line: buckets chain links, as the keys of one line
// may fall into one bucket.
func ref(s int32, k int) int32 { return s*numKeys + int32(k) + 1 }

func (p *pending) link(s int32, k int, key uint64) {
	l := &p.lines[s]
	l.keys[k] = key
	if key == 0 {
		return
	}
	p.counts[k]++
	b, r := p.bucket(key), ref(s, k)
	l.next[k], l.prev[k] = 0, p.last[b]
	if p.last[b] == 0 {
		p.first[b] = r
	} else {
		q := p.last[b] - 1
		p.lines[q/numKeys].next[q%numKeys] = r
	}
	p.last[b] = r
}

// take removes a line from the index; it stays in the order, passed over, and
// its memory is given back when its turn comes.
func (p *pending) take(s int32) {
	l := &p.lines[s]
	l.gone = true
	if !l.keys.any() {
		return
	}
	for k, key := range l.keys {
		if key == 0 {
			continue
		}
		p.counts[k]--
		b, next, prev := p.bucket(key), l.next[k], l.prev[k]
		if prev == 0 {
			p.first[b] = next
		} else {
			p.lines[(prev-1)/numKeys].next[(prev-1)%numKeys] = next
		}
		if next == 0 {
			p.last[b] = prev
		} else {
			p.lines[(next-1)/numKeys].prev[(next-1)%numKeys] = prev
		}
	}
}

// pop drops the first line of the order.
func (p *pending) pop() {
	s := p.order[p.head]
	p.attempts[s].User, p.attempts[s].Fail = "", nil
	p.free = append(p.free, s)
	p.head++
	if p.head == len(p.order) {
		p.order, p.head = p.order[:0], 0
	}
}

// each visits the waiting lines that share the k-th key, in the order of their
// arrival, until visit says no; at most 64, so that one busy client can't make
// every line cost more.
func (p *pending) each(k int, key uint64, visit func(s int32) bool) {
	if key == 0 {
		return
	}
	for r, n, steps := p.first[p.bucket(key)], 0, 0; r != 0 && n < 64 && steps < 4096; steps++ {
		s, i := (r-1)/numKeys, int((r-1)%numKeys)
		l := &p.lines[s]
		r = l.next[i]
		if i == k && l.keys[k] == key {
			n++
			if !visit(s) {
				return
			}
		}
	}
}
