package spike

import "sort"

// A loginEntry is one login that succeeded.
type loginEntry struct {
	prev   uint64 // number of the source's login before it
	srcKey uint64
	user   uint64
	looks  looks
	at     int64
	own    bool // this identity had got in from this source before
}

// A loginLog holds the latest logins: what says afterwards which accounts a campaign
// got into.
type loginLog struct {
	ring[loginEntry]
	marks []mark
}

func newLoginLog(limit int) *loginLog { return &loginLog{ring: newRing[loginEntry](limit)} }

func (l *loginLog) add(s *source, user uint64, ls looks, at int64, own bool) {
	*l.push() = loginEntry{prev: s.lastOK, srcKey: s.key, user: user, looks: ls, at: at, own: own}
	s.lastOK = l.next - 1
}

// A mark says which login was the next at a moment.
type mark struct {
	at  int64
	seq uint64
}

const mostMarks = 4096 // one a minute

// mark keeps how many logins there have been by now.
func (l *loginLog) mark(now int64) {
	if n := len(l.marks); n > 0 && now <= l.marks[n-1].at {
		return
	}
	if len(l.marks) == mostMarks {
		l.marks = append(l.marks[:0], l.marks[mostMarks/4:]...)
	}
	l.marks = append(l.marks, mark{now, l.next})
}

// since estimates how many logins there had been at a moment.
func (l *loginLog) since(at int64) float64 {
	i := sort.Search(len(l.marks), func(i int) bool { return l.marks[i].at >= at })
	switch {
	case i == len(l.marks):
		return float64(l.next)
	case i == 0:
		return float64(l.marks[0].seq)
	}
	a, b := l.marks[i-1], l.marks[i]
	return float64(a.seq) + float64(b.seq-a.seq)*float64(at-a.at)/float64(b.at-a.at)
}

const sampled = 4096 // logins that a share is taken of

// share counts how many of the latest logins came with this look.
func (l *loginLog) share(look uint64) (n, all int) { return l.shareOf(look, l.next, sampled, 0) }

// shareOf counts them among most logins before the one with this number, since then.
func (l *loginLog) shareOf(look, before uint64, most int, since int64) (n, all int) {
	for seq := before - 1; all < most; seq-- {
		e := l.at(seq)
		if e == nil || e.at < since {
			break
		}
		all++
		if e.looks.has(look) {
			n++
		}
	}
	return n, all
}
