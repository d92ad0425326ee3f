package correlate

import (
	"math"
	"slices"
	"strings"
	"time"

	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

const (
	joinWindow = int64(2 * time.Second)       // between the lines of one request that share no id
	timeWindow = int64(50 * time.Millisecond) // between lines that share nothing but their time
	maxParts   = 8                            // lines of one request; what says more is an id that many requests share
)

// A request is what the lines of one request say together.
type request struct {
	*detectors.Attempt                     // Place is that of the line that decided
	parts              []detectors.Attempt // the deciding line first, the others by time
	merged             detectors.Attempt   // what Attempt points to, if several lines were joined
	untimed            bool                // no line has a time
	told               bool                // its failure was reported
}

// add takes a line; lines stay in order.
func (r *request) add(a *detectors.Attempt) {
	i := len(r.parts)
	r.parts = append(r.parts, *a)
	for ; i > 0 && before(a, &r.parts[i-1]); i-- {
		r.parts[i] = r.parts[i-1]
	}
	r.parts[i] = *a
}

// gather collects the lines that belong to the request of the waiting line s.
func (t *Tracker) gather(s int32) {
	p := t.pending
	t.group = append(t.group[:0], s)
	keys := &p.lines[s].keys
	if !keys.any() {
		return
	}
	for k := byRequest; k <= byTrace; k++ {
		if p.counts[k] < 2 || keys[k] == 0 {
			continue
		}
		p.each(k, keys[k], func(o int32) bool {
			if !slices.Contains(t.group, o) && t.sameRequest(k, &p.attempts[o]) {
				t.group = append(t.group, o)
			}
			return len(t.group) < maxParts
		})
	}
	failed := refused(&p.attempts[s]) || p.attempts[s].Kind == detectors.Login
	for range 3 {
		if !t.manyHops || p.lines[s].alone || len(t.group) == maxParts || len(t.group) > 1 && !failed {
			return
		}
		o, ok := t.nearest()
		if !ok || t.outbid(o) {
			return
		}
		if b := &p.attempts[o]; follows(b) && b.Client.IsValid() && b.Client != p.attempts[s].Client && t.crowded(o) {
			return
		}
		t.group = append(t.group, o)
		failed = failed || refused(&p.attempts[o])
	}
}

// refused reports that a failed, or that words in other lines may say so.
func refused(a *detectors.Attempt) bool { return a.Fail != nil || a.Status >= 400 }

// sameRequest says whether b, which shares an id with the group, is a line of the
// same request. A client may choose the id and send one for all its requests.
func (t *Tracker) sameRequest(k int, b *detectors.Attempt) bool {
	for _, s := range t.group {
		a := &t.pending.attempts[s]
		known := a.Status != 0 && b.Status != 0
		same := agree(a.Path, b.Path) && agree(a.Method, b.Method) && (!known || a.Status == b.Status)
		switch {
		case a.SameLog(b) && a.Layer == b.Layer:
			oneLine := a.Layer == parsers.Edge || a.Layer == parsers.Gateway // of each request
			if known && (oneLine || !same || a.Client != b.Client || apart(a, b) > joinWindow) {
				return false
			}
			if k == byTrace && !agree(a.Request, b.Request) || strangers(a, b) {
				return false
			}
		case a.Layer == b.Layer && a.Layer != parsers.LayerUnknown && known && !same:
			return false
		case k == byTrace && !agree(a.Path, b.Path) && (a.Fail == nil || b.Fail == nil):
			return false
		}
	}
	a := &t.pending.attempts[t.group[0]]
	if !a.SameLog(b) {
		t.sharesIDs(logOf(a))
		t.sharesIDs(logOf(b))
	}
	return true
}

// strangers reports that two lines of one log tell of different clients or users, or
// of refusals seconds apart. Between hops the first is no wonder: one sees the other
// as its client.
func strangers(a, b *detectors.Attempt) bool {
	return a.SameLog(b) && (!agree(a.Client, b.Client) || !strings.Contains(a.User, b.User) && !strings.Contains(b.User, a.User) ||
		a.Fail != nil && b.Fail != nil && apart(a, b) > joinWindow || again(a, b))
}

// again reports that a and b refuse a login in the same words: they are two tries.
func again(a, b *detectors.Attempt) bool {
	return a.Fail != nil && b.Fail != nil && a.Fail.Cause == b.Fail.Cause && ofLogin(a.Fail.Cause) &&
		a.Fail.Tier > rules.TierStatus && a.Fail.Evidence == b.Fail.Evidence
}

// agree reports that x and y are equal, or one is not known.
func agree[T comparable](x, y T) bool {
	var unknown T
	return x == y || x == unknown || y == unknown
}

func apart(a, b *detectors.Attempt) int64 { return max(a.Time-b.Time, b.Time-a.Time) }

// asked reports that b may be what a service said that a's server asks whether to let a
// request in (nginx' auth_request, Traefik's ForwardAuth, Envoy's ext_authz): the same
// client's, at the very time and on a path of its own, while a knows no reason.
func asked(a, b *detectors.Attempt) bool {
	return a.Fail != nil && b.Fail != nil && a.Status != 0 && telling(a.Fail) <= 1 && telling(b.Fail) == 3 && !a.SameLog(b) &&
		a.Path != 0 && b.Path != 0 && a.Path != b.Path && a.Client == b.Client && tellsClient(a) && agree(a.Status, b.Status) && surelyApart(a, b) <= timeWindow
}

// nearest finds the line of another hop that fits the group best without an id.
func (t *Tracker) nearest() (best int32, ok bool) {
	p := t.pending
	a := &p.attempts[t.group[0]]
	var far int64
	rivals := 0
	consider := func(s int32) bool {
		l := &p.lines[s]
		d := apart(a, &p.attempts[s])
		if l.gone || l.alone || slices.Contains(t.group, s) || !t.fits(s) {
			return d <= 2*joinWindow
		}
		rivals++
		if !agree(a.Path, p.attempts[s].Path) { // see asked: one on the path itself goes before
			d += 2 * joinWindow
		}
		if !ok || d < far {
			best, far, ok = s, d, true
		}
		return true
	}
	if a.Client.IsValid() {
		p.each(byClient, p.lines[t.group[0]].keys[byClient], consider)
	}
	if ok {
		return best, ok
	}
	if p.counts[byPath] == 0 {
		return 0, false
	}
	if tellsClient(a) {
		p.each(byPath, a.Path, consider)
		if ok || !offered(a) {
			return best, ok
		}
		p.each(byPath, noPath, consider)
		return best, ok && (rivals == 1 || t.steps[logOf(&p.attempts[best])].sure())
	}
	if a.Path == 0 && !offered(a) {
		return 0, false
	}
	for i, s := range p.order[p.head:min(len(p.order), p.head+256)] {
		if i > 0 && !consider(s) {
			break
		}
	}
	return best, ok && (a.Path != 0 || rivals == 1)
}

// outbid reports that the line o, which fits the group, fits another line of its first
// one's source as well, and better: one second holds both legs of a handshake.
func (t *Tracker) outbid(o int32) (yes bool) {
	p := t.pending
	first := t.group[0]
	a, b := &p.attempts[first], &p.attempts[o]
	strange := !agree(a.Path, b.Path)
	if len(t.group) > 1 || a.SameLog(b) || likeness(a, b) > 0 && !strange {
		return false
	}
	t.group[0] = o
	p.each(byClient, p.lines[o].keys[byClient], func(s int32) bool {
		r := &p.attempts[s]
		d := apart(r, b)
		if s == first || s == o || p.lines[s].gone || !r.SameLog(a) || r.Layer != a.Layer || !t.fits(s) {
			return d <= 2*joinWindow
		}
		yes = strange && r.Path == b.Path || d <= apart(a, b) && likeness(r, b) > 0
		return !yes
	})
	t.group[0] = first
	return yes
}

// likeness tells lines of one request that only their time shows to be one: they name
// the same user, or both know that credentials came.
func likeness(a, b *detectors.Attempt) int {
	switch {
	case a.User != "" && a.User == b.User:
		return 2
	case a.Fail != nil && b.Fail != nil && (sentSome(a) && claimsSome(b) || sentSome(b) && claimsSome(a)):
		return 1
	}
	return 0
}

// sentSome reports that a line shows credentials; claimsSome, that its words do.
func sentSome(a *detectors.Attempt) bool { return a.Sent == parsers.SentPresent }
func claimsSome(a *detectors.Attempt) bool {
	return a.Fail.Tier > rules.TierStatus && a.Fail.Cause != rules.MissingCredentials && a.Fail.Cause != rules.BenignChallenge && a.Fail.Cause != rules.Unknown
}

// tellsClient reports that a has an address that can be the client's; a private one
// is the proxy's as likely.
func tellsClient(a *detectors.Attempt) bool {
	return a.Client.IsValid() && !a.Client.IsPrivate() && !a.Client.IsLoopback()
}

// fits says whether line o, which has no id in common with the group, is the view of
// another hop on the same request.
func (t *Tracker) fits(o int32) bool {
	b := &t.pending.attempts[o]
	known := false // b's path, where an authorizer has one of its own: see asked
	for _, s := range t.group {
		known = known || b.Path != 0 && t.pending.attempts[s].Path == b.Path
	}
	for _, s := range t.group {
		a := &t.pending.attempts[s]
		window, inStep := joinWindow, false
		switch {
		case a.Client == b.Client && a.Client.IsValid():
		case tellsClient(a) && tellsClient(b):
			return false
		case known: // by another line, or this
		case a.Path == 0 || b.Path == 0: // nothing in common but the time
			if inStep = t.inStep(a, b); !inStep && (a.Fail == nil || b.Fail == nil || a.Client.IsValid() && b.Client.IsValid()) ||
				a.Fail != nil && b.Fail != nil && contradict(a.Fail, b.Fail) {
				return false
			}
			window = timeWindow
		}
		switch {
		case t.pending.lines[s].untimed || t.pending.lines[o].untimed:
			if !neighbours(a, b) {
				return false
			}
		case apart(a, b) > window && !((inStep || neighbours(a, b)) && surelyApart(a, b) <= window):
			return false
		}
		if a.SameLog(b) && agree(a.Layer, b.Layer) && !complement(a, b) && !continued(a, b) {
			return false
		}
		switch {
		case !agree(a.User, b.User):
			return false
		case agree(a.Path, b.Path) && agree(a.Method, b.Method) && agree(a.Agent, b.Agent), asked(a, b), asked(b, a):
		case !known || a.Path == b.Path:
			return false
		}
		if !agree(a.Request, b.Request) && (t.idsShared(a) || t.idsShared(b) || t.metBefore(a) || t.metBefore(b)) {
			return false
		}
		if !sameOutcome(a, b) || a.Source != b.Source && t.clocksDiffer(a, b) {
			return false
		}
	}
	return true
}

// The most lines from one of a request to the next of one source, by what shows that
// they may be of one.
const (
	nextTo     = 2  // nothing but that: one or two lines on
	ofOneTask  = 3  // they are of one thread or connection
	wordsApart = 10 // one is the words, one the answer
)

// linesApart returns how many lines it is from a to b, or b to a, in a file that has both.
func linesApart(a, b *detectors.Attempt) int64 {
	if a.Source != b.Source {
		return math.MaxInt64
	}
	return max(a.Line-b.EndLine, b.Line-a.EndLine)
}

func neighbours(a, b *detectors.Attempt) bool { return linesApart(a, b) <= nextTo }

// surelyApart is the least time between a and b: a stamp of whole seconds may be
// almost one older than what it tells.
func surelyApart(a, b *detectors.Attempt) int64 {
	const second = int64(time.Second)
	if b.Time < a.Time {
		a, b = b, a
	}
	d := b.Time - a.Time
	if a.Time%second == 0 {
		d -= second - 1
	}
	return max(d, 0)
}

// complement says whether a and b, of one source, are the words and the answer of
// one request: frameworks write the reason and the access log line apart.
func complement(a, b *detectors.Attempt) bool {
	if a.Status != 0 {
		a, b = b, a
	}
	samePath := a.Path != 0 && a.Path == b.Path && apart(a, b) <= timeWindow
	switch {
	case b.Status == 0 || linesApart(a, b) > wordsApart:
		return false
	case a.Status != 0: // both have it: they are no two of a kind if one alone knows whose request it is
		return samePath && a.Status == b.Status && neighbours(a, b) && agree(a.Thread, b.Thread) && a.Client.IsValid() != b.Client.IsValid()
	case a.Fail == nil:
		return false
	case b.Fail == nil:
		return samePath && b.Status >= 400
	}
	return telling(b.Fail) <= 1 || samePath && (vague(b.Fail) || a.Fail.Cause == b.Fail.Cause || neighbours(a, b) && agree(a.Thread, b.Thread))
}

// continued says whether a and b are what one thread or connection says of one
// request: what failed, and what came of it, in other words.
func continued(a, b *detectors.Attempt) bool {
	return a.Thread != 0 && a.Thread == b.Thread && a.Fail != nil && b.Fail != nil && (a.Fail.Cause == b.Fail.Cause || vague(a.Fail) || vague(b.Fail)) && !again(a, b) &&
		a.Status == 0 && b.Status == 0 && a.Request == b.Request && apart(a, b) <= timeWindow && linesApart(a, b) <= ofOneTask
}

// vague reports that f's words are hardly more than the name of a status: "Forbidden".
func vague(f *detectors.Failure) bool {
	return f.Tier == rules.TierStatus || f.Tier == rules.TierWord && f.Confidence <= 0.6
}

// sameOutcome says whether two hops can have seen one request end as a and b say:
// gateways turn one refusal into another, and a login form is answered with 200.
func sameOutcome(a, b *detectors.Attempt) bool {
	if a.Status == b.Status {
		return a.Status != 0 || (a.Fail != nil) == (b.Fail != nil)
	}
	if a.Status != 0 && b.Status != 0 {
		return a.Fail != nil && b.Fail != nil || a.Status >= 400 && b.Status >= 400 && (a.Fail != nil || b.Fail != nil)
	}
	if (a.Fail != nil) == (b.Fail != nil) {
		return true
	}
	failed, other := a, b
	if b.Fail != nil {
		failed, other = b, a
	}
	return failed.Status == 0 && (other.Status >= 400 || a.Kind == detectors.Login && b.Kind == detectors.Login) // its own words, and no status
}

// A logKey is one log: see detectors.Attempt.SameLog.
type logKey struct {
	source          int32
	service, format uint64
}

func logOf(a *detectors.Attempt) logKey { return logKey{a.Source, a.Service, a.Format} }

// maxLogs bounds the logs of which it is known whether others share their ids.
const maxLogs = 1 << 12

func (t *Tracker) idsShared(a *detectors.Attempt) bool { return t.shared[logOf(a)] }

func (t *Tracker) sharesIDs(log logKey) {
	if len(t.shared) < maxLogs {
		t.shared[log] = true
	}
}
