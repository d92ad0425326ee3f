package correlate

import (
	"strings"
	"time"

	"why401/detectors"
	"why401/parsers"
)

const (
	maxBegun = 4096                   // requests; the oldest is forgotten
	oneByOne = int64(5 * time.Second) // a thread that begins a second request so soon may be several
)

// begun puts together what frameworks write of one request in several entries:
// Rails' Started, Parameters and Completed, slapd's ACCEPT, BIND and RESULT. They share a request id, or are what one
// process writes after the other. Where a process writes several requests at once,
// and without ids, their parts stay apart.
type begun struct {
	open  map[partKey]*opening
	order []partKey // a ring of those in open
	next  int
	cut   int64 // requests forgotten before they ended
}

type partKey struct {
	source int32
	id     uint64 // of the request or the thread, and its service
}

// An opening is a request of which the beginning was seen.
type opening struct {
	detectors.Attempt
	unsure bool // parts may be another's
	ended  bool // what still comes is about the page that shows the error
}

// assemble takes a part of a request, and tells a what the parts before it said. It
// reports whether a is to be told as an attempt: a part that fails, or the last.
func (b *begun) assemble(a *detectors.Attempt) bool {
	key := partKey{a.Source, a.Request}
	if a.Request == 0 {
		key.id = a.Thread
	}
	key.id ^= a.Service
	o := b.open[key]
	if a.Part == parsers.Begins {
		b.begin(key, o, a)
		return a.Fail != nil
	}
	switch {
	case o == nil:
		return a.Fail != nil || a.Part == parsers.Ends
	case o.unsure || o.ended && a.Request == 0:
		o.ended = o.ended || a.Part == parsers.Ends
		return a.Fail != nil || a.Part == parsers.Ends && o.unsure
	case o.ended && a.Fail == nil:
		return false
	}
	if a.User != "" {
		o.User = strings.Clone(a.User)
	}
	if a.Client.IsValid() { // whom a proxy told of later
		o.Client = a.Client
	}
	o.tell(a)
	if a.Part == parsers.Ends {
		o.ended = o.Path != 0 // a connection of LDAP goes on, maybe in another's name
		return true
	}
	return a.Fail != nil
}

func (b *begun) begin(key partKey, o *opening, a *detectors.Attempt) {
	unsure := false
	switch {
	case o != nil:
		unsure = !o.ended && a.Time-o.Time < oneByOne
	case b.open == nil:
		b.open = map[partKey]*opening{}
		fallthrough
	default:
		if len(b.order) < maxBegun {
			b.order = append(b.order, key)
		} else {
			if last := b.open[b.order[b.next]]; !last.ended {
				b.cut++
			}
			delete(b.open, b.order[b.next])
			b.order[b.next] = key
			b.next = (b.next + 1) % maxBegun
		}
		o = &opening{}
		b.open[key] = o
	}
	*o = opening{Attempt: *a, unsure: unsure}
	o.User = strings.Clone(a.User)
	if a.Opened != nil {
		o.Opened = &detectors.Opening{Place: a.Opened.Place, Method: strings.Clone(a.Opened.Method), Path: strings.Clone(a.Opened.Path)}
	}
}

// tell fills a with what was said before it.
func (o *opening) tell(a *detectors.Attempt) {
	if a.Time == 0 {
		a.Time = o.Time
	}
	fill(a, &o.Attempt)
	if a.Request == 0 && o.Path != 0 { // so that its parts are known as one
		a.Request = o.id()
	}
	a.Opened = o.Opened
	if a.Fail == nil || o.Opened == nil {
		return
	}
	f := *a.Fail
	if f.Path == "" {
		f.Method, f.Path = o.Opened.Method, o.Opened.Path
	}
	a.Fail = &f
}

// id stands for the request's where it has none: its first line is its own.
func (o *opening) id() uint64 {
	return mix(uint64(o.Source)<<40|uint64(o.Line), o.Thread) | 1
}
