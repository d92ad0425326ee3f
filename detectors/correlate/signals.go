package correlate

import (
	"container/heap"
	"time"

	"why401/detectors"
	"why401/rules"
)

const (
	maxSignals  = 256
	maxRelated  = 16                     // signals told with one failure
	episodeGap  = int64(2 * time.Minute) // between the lines of one episode
	signalReach = int64(2 * time.Minute) // before the first failure that a signal explains
)

// signals are the lines that belong to no request and explain failures. Only the
// latest are kept.
type signals struct {
	list []*sign // by time
}

// A sign is one such line. Lines about a dependency that follow each other are
// one episode, which is told once, if it explains no failure.
type sign struct {
	detectors.Attempt
	kind     rules.Signal
	first    *sign             // of its episode
	last     int64             // of the first: time of the episode's last line
	explains bool              // of the first: some failure
	listed   bool              // with a failure
	answered bool              // it is a failed request itself
	more     []detectors.Place // of the first: the other lines
}

// signalOf returns what a line says beyond its request.
func signalOf(a *detectors.Attempt) rules.Signal {
	switch {
	case a.Kind == detectors.Restart:
		return rules.SignalRestart
	case a.Kind == detectors.Dependency:
		return rules.SignalDependency
	case a.Fail == nil, a.Kind == detectors.Login && a.User != "" && a.Fail.Cause == rules.IDPUnreachable: // each name is another refusal
		return rules.NoSignal
	case a.Fail.Cause == rules.IDPUnreachable && a.Status == 0 && !tellsClient(a) && (!a.Client.IsValid() || a.Path == 0 && a.User == ""):
		return rules.SignalDependency
	}
	return a.Fail.Signal
}

// belongsToNone reports that a is a signal that names no request.
func belongsToNone(a *detectors.Attempt) bool {
	return a.Kind == detectors.Restart ||
		signalOf(a) != rules.NoSignal && a.Request == 0 && a.Trace == 0 && (!a.Client.IsValid() || a.Path == 0)
}

// isSignal reports that r is no request: signals alone, none of them an answer.
func (r *request) isSignal() bool {
	for i := range r.parts {
		if p := &r.parts[i]; signalOf(p) == rules.NoSignal || p.Status != 0 && p.Fail != nil && p.Fail.Cause != rules.None {
			return false
		}
	}
	return true
}

// signal remembers a line that belongs to no request, or a request that failed
// for the same reason: that is no news, and evidence all the same.
func (t *Tracker) signal(r *request, answered bool) {
	s := &sign{Attempt: *r.Attempt, kind: signalOf(&r.parts[0]), explains: answered, listed: answered, answered: answered}
	s.User = ""
	if answered || s.kind == rules.NoSignal {
		s.kind = rules.SignalDependency
	}
	if s.first = s; s.kind == rules.SignalRestart {
		if s.Replica != 0 {
			t.meetReplica(&s.Attempt).started = s.Time
		}
	} else {
		for i := len(t.list) - 1; i >= 0; i-- {
			if o := t.list[i]; o.kind == s.kind {
				if s.Time-o.first.last <= episodeGap {
					s.first = o.first
				}
				break
			}
		}
		s.first.last = max(s.first.last, s.Time)
		if answered {
			s.first.explains = true
		} else if s.first != s {
			if len(s.first.more) < maxRelated {
				s.first.more = append(s.first.more, s.Place)
			}
		} else if !r.untimed {
			wait := t.keep(r)
			wait.sign = s
			wait.due = s.Time + signalReach + outageWindow // until then a failure may be judged that it explains
			heap.Push(&t.held, wait)
		}
	}
	if len(t.list) == maxSignals {
		copy(t.list, t.list[1:])
		t.list = t.list[:maxSignals-1]
	}
	t.list = append(t.list, s)
	for i := len(t.list) - 1; i > 0 && before(&t.list[i].Attempt, &t.list[i-1].Attempt); i-- {
		t.list[i], t.list[i-1] = t.list[i-1], t.list[i]
	}
}

// around returns the last signal of a kind between from and to, of one replica
// if that is not 0, and of the signals that name none.
func (t *Tracker) around(kind rules.Signal, replica uint64, from, to int64) *sign {
	for i := len(t.list) - 1; i >= 0; i-- {
		s := t.list[i]
		if s.Time < from {
			return nil
		}
		if s.kind == kind && s.Time <= to && (replica == 0 || s.Replica == replica) {
			return s
		}
	}
	return nil
}

// explain relates signals to a failure: s, and those of its episode up to the
// failure that no other has been given.
func (t *Tracker) explain(f *held, s *sign) {
	s.first.explains = true
	if s.listed = true; !s.answered {
		f.signals = append(f.signals, s)
	}
	for _, o := range t.list {
		if len(f.signals) == maxRelated || o.Time > f.Time+int64(20*time.Second) {
			return
		}
		if o.first == s.first && !o.listed {
			o.listed = true
			f.signals = append(f.signals, o)
		}
	}
}
