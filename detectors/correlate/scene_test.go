package correlate

import (
	"cmp"
	"hash/maphash"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

// A scene is a small stream of attempts of four sources, and what is to be said of it.
type scene struct {
	t        *testing.T
	seed     maphash.Seed
	attempts []detectors.Attempt
	lines    [4]int64
	wants    []want
}

// A want is a failed request: its lines, and its cause.
type want struct {
	cause string
	lines []detectors.Place
	at    float64
}

var sources = []string{"app.log", "auth.log", "edge.log", "edge-error.log"}

const (
	appLog = iota
	authLog
	edgeLog
	errorLog // of the edge
)

// A req is a request as its hops saw it. The zero value of a field is a plain one.
type req struct {
	at     float64 // seconds
	ip     string
	method string // GET; "-" is none
	path   string // /orders; "-" is none
	status int    // 200
	sent   parsers.Sent
	scheme detectors.Scheme
	thread string
	id     string
	agent  string
	user   string
	app    string // replica
	origin string
	kind   detectors.Kind
	lapse  time.Duration // that the application prints
	fail   rules.Verdict // what the application says; Unknown of its status if it says nothing
	want   string
}

func newScene(t *testing.T) *scene { return &scene{t: t, seed: maphash.MakeSeed()} }

func (s *scene) key(text string) uint64 {
	if text == "" {
		return 0
	}
	return maphash.String(s.seed, text) | 1
}

var epoch = time.Date(2031, 5, 6, 7, 0, 0, 0, time.UTC).UnixNano()

// line adds one line of r to a source.
func (s *scene) line(source int, r req) detectors.Place {
	if r.path == "" && r.kind != detectors.Restart && r.kind != detectors.Dependency {
		r.path = "/orders"
	}
	if r.path == "-" {
		r.path = ""
	}
	s.lines[source]++
	a := detectors.Attempt{Time: epoch + int64(r.at*1e9), User: r.user, Path: s.key(r.path), Agent: s.key(r.agent), Request: s.key(r.id), Replica: s.key(r.app),
		Place: detectors.Place{Source: int32(source), Line: s.lines[source]}, EndLine: s.lines[source], Status: uint16(r.status), Kind: r.kind, Sent: r.sent, Scheme: r.scheme, Thread: s.key(r.thread),
		Layer: []parsers.Layer{parsers.App, parsers.AuthService, parsers.Edge, parsers.Edge}[source]}
	if r.ip != "" {
		a.Client = netip.MustParseAddr(r.ip)
	}
	switch r.method {
	case "", "GET":
		a.Method = detectors.MethodGet
	case "POST":
		a.Method = detectors.MethodPost
	case "-":
	case "OPTIONS":
		a.Method = detectors.MethodOptions
	default:
		a.Method = detectors.MethodOther
	}
	a.Success = r.status >= 100 && r.status < 400 && r.fail.Cause == rules.None
	if r.fail.Cause == rules.None && (r.status == 401 || r.status == 407) {
		r.fail = rules.Verdict{Cause: rules.Unknown, Confidence: 0.4}
	}
	if r.fail.Cause != rules.None {
		a.Fail = &detectors.Failure{Verdict: r.fail, Method: r.method, Path: r.path, UserAgent: r.agent, Origin: r.origin, Lapse: r.lapse}
	}
	s.attempts = append(s.attempts, a)
	return a.Place
}

// both adds r as the edge and, without what only an edge knows, as the application saw it.
func (s *scene) both(r req) {
	edge, app := r, r
	edge.fail, app.sent = rules.Verdict{}, parsers.SentUnknown
	app.at += 0.003
	s.expect(r, s.line(edgeLog, edge), s.line(appLog, app))
}

func (s *scene) edge(r req) { s.expect(r, s.line(edgeLog, r)) }
func (s *scene) app(r req)  { s.expect(r, s.line(appLog, r)) }

func (s *scene) expect(r req, lines ...detectors.Place) {
	if r.want != "" {
		s.wants = append(s.wants, want{r.want, lines, r.at})
	}
}

// traffic adds n requests with credentials that are let in, of 20 clients on two replicas.
func (s *scene) traffic(from, to float64, n int) {
	for i := range n {
		s.both(req{at: from + (to-from)*float64(i)/float64(n), ip: regular(i), sent: parsers.SentPresent, status: 200, id: "t" + time.Duration(len(s.attempts)).String(), app: []string{"a", "b"}[i%2]})
	}
}

func regular(i int) string { return netip.AddrFrom4([4]byte{198, 51, 100, byte(i%20 + 1)}).String() }

// sorted returns the attempts in the order of the merge.
func (s *scene) sorted() []detectors.Attempt {
	all := slices.Clone(s.attempts)
	slices.SortStableFunc(all, func(a, b detectors.Attempt) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Line, b.Line))
	})
	return all
}

// observe runs a tracker over attempts and returns what it found.
func observe(attempts []detectors.Attempt, cfg Config, next detectors.Tracker) (found []*detectors.CauseFinding, t *Tracker) {
	if cfg.Files == nil {
		cfg.Files = func() []string { return sources }
	}
	t = New(cfg, next).(*Tracker)
	report := func(f detectors.Finding) {
		if c, ok := f.(*detectors.CauseFinding); ok {
			found = append(found, c)
		}
	}
	for i := range attempts {
		a := attempts[i] // the tracker's only during the call
		t.Observe(&a, report)
		a = detectors.Attempt{}
	}
	t.Flush(report)
	return found, t
}

// check compares findings with the wants: one for each, no other.
func (s *scene) check(found []*detectors.CauseFinding) {
	s.t.Helper()
	said := map[detectors.Place][]*detectors.CauseFinding{}
	for _, f := range found {
		p := detectors.Place{Source: int32(slices.Index(sources, f.File)), Line: f.Line}
		said[p] = append(said[p], f)
	}
	for _, w := range s.wants {
		var of []*detectors.CauseFinding
		for _, p := range w.lines {
			of = append(of, said[p]...)
			delete(said, p)
		}
		if len(of) != 1 {
			s.t.Errorf("at %g s: %d findings, want one", w.at, len(of))
			continue
		}
		if of[0].Cause != w.cause {
			s.t.Errorf("at %g s: %s (%s: %s), want %s", w.at, of[0].Cause, of[0].Rule, of[0].Evidence, w.cause)
		}
		if len(w.lines) > 1 && len(of[0].Related) < len(w.lines)-1 {
			s.t.Errorf("at %g s: related to %v, want the other lines of %v", w.at, of[0].Related, w.lines)
		}
	}
	for _, rest := range said {
		for _, f := range rest {
			s.t.Errorf("%s:%d: %s (%s), want nothing", f.File, f.Line, f.Cause, f.Evidence)
		}
	}
}

// shuffled returns the attempts as they may arrive when every one is late by up to a second.
func shuffled(attempts []detectors.Attempt) []detectors.Attempt {
	type arrival struct {
		a  detectors.Attempt
		at int64
	}
	late := make([]arrival, len(attempts))
	for i, a := range attempts {
		late[i] = arrival{a, a.Time + rand.Int64N(1e9)}
	}
	slices.SortFunc(late, func(a, b arrival) int { return cmp.Compare(a.at, b.at) })
	all := make([]detectors.Attempt, len(late))
	for i := range late {
		all[i] = late[i].a
	}
	return all
}

func says(cause rules.Cause, candidates ...rules.Cause) rules.Verdict {
	v := rules.Verdict{Cause: cause, Confidence: 0.8, Tier: rules.TierWord, Rule: cause.String() + "/words"}
	for _, c := range candidates {
		v.Candidates = append(v.Candidates, rules.Candidate{Cause: c, Weight: 0.2})
	}
	return v
}
