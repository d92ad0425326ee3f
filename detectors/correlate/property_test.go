package correlate

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

// TestArrival: the findings depend neither on the keys of the run, nor on disorder
// of up to a second, nor on ticks in quiet times; and a tick does what is due.
func TestArrival(t *testing.T) {
	for name, build := range cases {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			build(s)
			want, _ := observe(s.sorted(), Config{}, nil)
			other := newScene(t) // other keys
			build(other)
			for range 5 {
				found, _ := observe(shuffled(other.attempts), Config{}, nil)
				if diff := cmp.Diff(want, found); diff != "" {
					t.Fatalf("shuffled (-want +got):\n%s", diff)
				}
			}
			var found []*detectors.CauseFinding
			report := func(f detectors.Finding) {
				if c, ok := f.(*detectors.CauseFinding); ok {
					found = append(found, c)
				}
			}
			for _, when := range []string{"at any time", "when they are due"} {
				found = nil
				tr := New(Config{Files: func() []string { return sources }}, nil)
				last := int64(0)
				for _, a := range s.sorted() {
					for last != 0 && when == "at any time" && rand.IntN(4) > 0 {
						last += rand.Int64N(max(1, a.Time-last))
						tr.Tick(last, report)
					}
					for last != 0 && when == "when they are due" && tr.Due() < a.Time {
						last = tr.Due()
						tr.Tick(last, report)
						if tr.Due() <= last {
							t.Fatal("a tick didn't do what was due")
						}
					}
					last = a.Time
					tr.Observe(&a, report)
				}
				tr.Flush(report)
				if diff := cmp.Diff(want, found); diff != "" {
					t.Errorf("with ticks %s (-want +got):\n%s", when, diff)
				}
			}
		})
	}
}

// TestServices: it makes no difference whether services write a log each or one
// log holds the lines of all, as that of a fleet of containers does.
func TestServices(t *testing.T) {
	for name, build := range cases {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			build(s)
			apart := s.sorted()
			var lines [4]int64
			for i := range apart {
				a := &apart[i]
				lines[a.Source]++
				a.Line, a.EndLine = lines[a.Source], lines[a.Source]
				a.Layer = parsers.LayerUnknown
				a.Service = s.key(sources[a.Source])
			}
			together := slices.Clone(apart)
			for i := range together {
				together[i].Place = detectors.Place{Line: int64(i + 1)}
				together[i].EndLine = int64(i + 1)
			}
			type said struct {
				Cause, Rule, Evidence string
				Related               int
			}
			run := func(attempts []detectors.Attempt) (all []said) {
				found, _ := observe(attempts, Config{}, nil)
				for _, f := range found {
					words, _, _ := strings.Cut(f.Evidence, ": it is in ") // files
					all = append(all, said{f.Cause, f.Rule, words, len(f.Related)})
				}
				return all
			}
			if diff := cmp.Diff(run(apart), run(together)); diff != "" {
				t.Errorf("(-apart +together):\n%s", diff)
			}
		})
	}
}

// A recorder keeps what it observes.
type recorder struct {
	seen  []detectors.Attempt
	flush int
}

func (r *recorder) Observe(a *detectors.Attempt, _ func(detectors.Finding)) {
	r.seen = append(r.seen, *a)
}
func (r *recorder) Tick(int64, func(detectors.Finding)) {}
func (r *recorder) Due() int64                          { return math.MaxInt64 }
func (r *recorder) Flush(func(detectors.Finding))       { r.flush++ }

// TestNext: the next tracker sees each request once, in the order of time, with
// what the join showed.
func TestNext(t *testing.T) {
	s := newScene(t)
	s.traffic(0, 100, 50)
	s.both(req{at: 50.001, ip: "192.0.2.1", sent: parsers.SentPresent, status: 401, user: "kim", fail: says(rules.MissingCredentials)})
	var r recorder
	observe(shuffled(s.attempts), Config{}, &r)
	if len(r.seen) != 51 || r.flush != 1 {
		t.Fatalf("%d requests and %d flushes, want 51 and 1", len(r.seen), r.flush)
	}
	failures := 0
	for i, a := range r.seen {
		if i > 0 && a.Time < r.seen[i-1].Time {
			t.Errorf("request %d is %v earlier than the one before", i, time.Duration(r.seen[i-1].Time-a.Time))
		}
		if a.Fail != nil {
			if failures++; a.Fail.Cause != rules.ProxyStrippedHeader || a.User != "kim" || a.Sent != parsers.SentPresent || a.Success {
				t.Errorf("%+v: want a stripped header", a)
			}
		}
	}
	if failures != 1 {
		t.Errorf("%d failures, want 1", failures)
	}
}

// TestSoon: a success is passed on a few seconds after it happened, whatever is held.
func TestSoon(t *testing.T) {
	s := newScene(t)
	s.app(req{at: 0, ip: "192.0.2.1", status: 401})
	s.app(req{at: 1, ip: "192.0.2.1", status: 200})
	var r recorder
	tr := New(Config{}, &r)
	none := func(detectors.Finding) { t.Error("a finding") }
	for i := range s.attempts {
		tr.Observe(&s.attempts[i], none)
	}
	tr.Tick(epoch+5e9, none)
	if len(r.seen) != 2 {
		t.Errorf("%d requests passed on after 4 seconds, want 2", len(r.seen))
	}
	said := 0
	tr.Tick(epoch+int64(10*time.Minute), func(detectors.Finding) { said++ })
	if said != 1 {
		t.Errorf("%d findings after ten minutes, want 1", said)
	}
}

// TestBounds: 300,000 clients that fail and succeed fit into the stated bounds,
// and every failure is told once.
func TestBounds(t *testing.T) {
	n := 300_000 // clients
	if testing.Short() {
		n = 100_000
	}
	told, notes := 0, 0
	tr := New(Config{MaxHeld: 1000, MaxOpen: 1000}, nil).(*Tracker)
	report := func(f detectors.Finding) {
		if _, ok := f.(*detectors.Note); ok {
			notes++
		} else {
			told++
		}
	}
	fail := &detectors.Failure{Verdict: says(rules.InvalidToken)}
	for i := range n {
		var ip [16]byte
		ip[0] = 0x20
		binary.BigEndian.PutUint32(ip[4:], uint32(i))
		a := detectors.Attempt{Time: epoch + int64(i)*1e5, Client: netip.AddrFrom16(ip), Path: uint64(i) | 1, Request: uint64(i)<<1 | 1, Replica: uint64(i) | 1, Status: 200, Success: true}
		a.Line = int64(i + 1)
		if i%2 == 0 {
			a.Status, a.Success, a.Fail = 401, false, fail
		}
		if i%1000 == 0 {
			a = detectors.Attempt{Time: a.Time, Place: a.Place, Kind: detectors.Restart, Replica: a.Replica}
		}
		tr.Observe(&a, report)
		if tr.pending.len() > 1000 || len(tr.held) > 1000 || len(tr.byID) > 2000 || len(tr.list) > maxSignals {
			t.Fatalf("after %d: %d lines wait, %d failures are held, %d ids, %d signals", i, tr.pending.len(), len(tr.held), len(tr.byID), len(tr.list))
		}
	}
	tr.Flush(report)
	if want := n/2 - n/1000; told != want {
		t.Errorf("%d findings, want %d", told, want)
	}
	if notes != 3 {
		t.Errorf("%d notes of bounds that were met, want 3", notes)
	}
	c := tr.Counters()
	if c.Early == 0 || c.Unsettled == 0 || c.Unsure == 0 || n > 1<<17 && c.Forgotten == 0 {
		t.Errorf("%+v: bounds met and not counted", c)
	}
}

// TestOneClient: lines of one busy client don't cost more the more there are.
func TestOneClient(t *testing.T) {
	s := newScene(t)
	for i := range 20_000 {
		s.line([]int{appLog, edgeLog}[i%2], req{at: float64(i) / 20_000, ip: "192.0.2.1", path: fmt.Sprint("/", i), status: 401})
	}
	found, tr := observe(s.attempts, Config{}, nil)
	if len(found) != 20_000 {
		t.Errorf("%d findings, want 20,000 (%+v)", len(found), tr.Counters())
	}
}

// TestClock: one wrong stamp doesn't move event time; a clock set back doesn't stop it.
func TestClock(t *testing.T) {
	s := newScene(t)
	s.both(req{at: 1e8, ip: "192.0.2.1", status: 401, fail: says(rules.ExpiredToken), want: "expired_token"}) // years ahead
	for i := range 200 {
		s.edge(req{at: float64(i), ip: "192.0.2.1", status: 401, want: "benign_challenge"})
		s.edge(req{at: float64(i) + 0.1, ip: "192.0.2.1", status: 200})
	}
	first := s.attempts[2:]
	moved := append(first[:10:10], s.attempts[:2]...)
	found, _ := observe(append(moved, first[10:]...), Config{}, nil)
	s.check(found)

	s = newScene(t)
	for i := range 200 {
		s.edge(req{at: 1e5 + float64(i), ip: "192.0.2.1", status: 401, want: "unknown"})
	}
	set := len(s.attempts)
	for i := range 200 {
		s.edge(req{at: float64(i), ip: "192.0.2.1", status: 401})
		s.edge(req{at: float64(i) + 0.1, ip: "192.0.2.1", status: 200})
	}
	found, _ = observe(s.attempts, Config{}, nil)
	benign := 0
	for _, f := range found {
		if f.Cause == "benign_challenge" {
			benign++
		}
	}
	if len(found) != 400 || benign < 150 {
		t.Errorf("%d findings, %d of them challenges after the clock was set back at line %d; want 400 and most of 200", len(found), benign, set)
	}
}

// TestUntimed: lines without a time join by id, and nothing is said of what came before or after.
func TestUntimed(t *testing.T) {
	s := newScene(t)
	s.both(req{ip: "192.0.2.1", id: "x", sent: parsers.SentPresent, status: 401, fail: says(rules.ExpiredToken), want: "expired_token"})
	s.edge(req{ip: "192.0.2.1", status: 401, want: "unknown"})
	s.edge(req{ip: "192.0.2.1", status: 200})
	for i := range s.attempts {
		s.attempts[i].Time = 0
	}
	found, _ := observe(s.attempts, Config{}, nil)
	s.check(found)
	for _, f := range found {
		if f.Time != nil {
			t.Errorf("%s:%d has the time %v", f.File, f.Line, f.Time)
		}
	}
}

// TestTwice: a line that comes twice is one.
func TestTwice(t *testing.T) {
	s := newScene(t)
	s.edge(req{at: 1, ip: "192.0.2.1", status: 401, want: "unknown"})
	s.attempts = append(s.attempts, s.attempts[0])
	found, _ := observe(s.attempts, Config{}, nil)
	s.check(found)
}

// FuzzObserve: whatever comes, nothing panics, and every failing line is told once
// at most and, but for signals, at least once.
func FuzzObserve(f *testing.F) {
	f.Add([]byte("a seed that stands for some attempts of a few clients on a few paths"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var attempts []detectors.Attempt
		for i := 0; i+16 <= len(data); i += 16 {
			b := data[i:]
			a := detectors.Attempt{Path: uint64(b[0] & 3), Agent: uint64(b[0] >> 6), Request: uint64(b[1] & 7), Trace: uint64(b[1] >> 6), Replica: uint64(b[2] & 3),
				Place:  detectors.Place{Source: int32(b[3] & 3), Line: int64(i + 1)},
				Status: []uint16{0, 200, 302, 401, 403, 500}[b[4]%6], Method: detectors.Method(b[5] % 6), Kind: detectors.Kind(b[6] % 5), Layer: parsers.Layer(b[7] % 6), Sent: parsers.Sent(b[8] % 3)}
			if b[9] > 10 {
				a.Time = epoch + int64(binary.LittleEndian.Uint16(b[10:]))*1e7
			}
			if b[9] > 250 {
				a.Time = int64(binary.LittleEndian.Uint64(b[8:]))
			}
			if b[12]&7 > 0 {
				a.Client = netip.AddrFrom4([4]byte{192, 0, 2, b[12] & 7})
			}
			a.Success = a.Status == 200
			if b[13] > 100 {
				a.Success = false
				a.Fail = &detectors.Failure{Verdict: rules.Verdict{Cause: rules.Cause(1 + int(b[13])%(rules.NumCauses-1)), Tier: rules.Tier(b[14] % 4), Confidence: float32(b[15]) / 255}}
			}
			attempts = append(attempts, a)
		}
		found, _ := observe(attempts, Config{MaxOpen: 8, MaxHeld: 8}, nil)
		type place struct {
			file string
			line int64
		}
		seen := map[place]bool{}
		for _, c := range found {
			p := place{c.File, c.Line}
			if seen[p] {
				t.Errorf("%v is the place of two findings", p)
			}
			seen[p] = true
		}
		if len(found) > len(attempts) {
			t.Errorf("%d findings of %d lines", len(found), len(attempts))
		}
	})
}

// TestKeys: at every bound, what is found doesn't depend on the keys of the run.
func TestKeys(t *testing.T) {
	build := func(s *scene) {
		r := rand.New(rand.NewPCG(4, 5))
		for i := range 5000 {
			q := req{at: float64(i) / 50, ip: fmt.Sprint("192.0.2.", r.IntN(200)), path: fmt.Sprint("/", r.IntN(30)), status: []int{200, 200, 401}[r.IntN(3)],
				sent: parsers.Sent(r.IntN(3)), app: string(rune('a' + r.IntN(4)))}
			if r.IntN(2) == 0 {
				q.id = fmt.Sprint(r.IntN(1000))
			}
			if q.status == 401 {
				q.fail = says([]rules.Cause{rules.InvalidToken, rules.InvalidSignature, rules.MissingCredentials, rules.ExpiredToken}[r.IntN(4)])
			}
			if s.both(q); r.IntN(100) == 0 {
				s.line(appLog, req{at: q.at, app: q.app, kind: detectors.Kind(3 + r.IntN(2)), fail: signal()})
			}
		}
	}
	cfg := Config{MaxOpen: 50, MaxHeld: 50}
	one, two := newScene(t), newScene(t)
	build(one)
	build(two)
	want, tr := observe(one.sorted(), cfg, nil)
	if c := tr.Counters(); c.Early == 0 || c.Unsettled == 0 {
		t.Errorf("%+v: the bounds were not met", c)
	}
	found, _ := observe(two.sorted(), cfg, nil)
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("under other keys (-want +got):\n%s", diff)
	}
}
