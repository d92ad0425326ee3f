package spike

import "sort"

// A loginEntry is one login that succeeded.
type loginEntry struct {
	seq, prev uint64 // of this, and of the source's login before it
	srcKey    uint64
	user      uint64
	agent     uint64
	at        int64
	own       bool // this identity had got in from this source before
}

// A loginLog holds the latest logins: what says afterwards which accounts a campaign
// got into.
type loginLog struct {
	ring[loginEntry]
	marks []mark
}

func newLoginLog(limit int) *loginLog { return &loginLog{ring: newRing[loginEntry](limit)} }

func (l *loginLog) add(s *source, user, agent uint64, at int64, own bool) {
	*l.place(l.next) = loginEntry{seq: l.next, prev: s.lastOK, srcKey: s.key, user: user, agent: agent, at: at, own: own}
	s.lastOK = l.next
	l.next++
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

// share counts how many of the latest logins came from this user agent.
func (l *loginLog) share(agent uint64) (n, all int) {
	for seq := l.next - 1; all < 4096; seq-- {
		e := l.at(seq)
		if e == nil {
			break
		}
		all++
		if e.agent == agent {
			n++
		}
	}
	return n, all
}
