package spike

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"why401/detectors"
	"why401/rules"
)

// A day is a made-up log: attempts in any order, in seconds from its start.
type day struct {
	rng      *rand.Rand
	seed     maphash.Seed
	attempts []detectors.Attempt
	names    bool // whether the log has them
}

var dayStart = time.Date(2031, 5, 6, 0, 0, 0, 0, time.UTC)

func seeded(n int) *rand.Rand { return rand.New(rand.NewPCG(4, uint64(7+n))) }

func newDay(names bool) *day {
	return &day{rng: rand.New(rand.NewPCG(4, 7)), seed: maphash.MakeSeed(), names: names}
}

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

func (d *day) key(s string) uint64 {
	if s == "" {
		return 0
	}
	return maphash.String(d.seed, s) | 1
}

func (d *day) put(sec float64, client netip.Addr, a detectors.Attempt, agent, path string, c rules.Cause) {
	a.Time = dayStart.UnixNano() + int64(sec*1e9)
	a.Client, a.Agent, a.Path = client, d.key(agent), d.key(path)
	if c != rules.None {
		a.Status = 401
		a.Fail = &detectors.Failure{Verdict: rules.Verdict{Cause: c, Tier: rules.TierWord}}
	} else {
		a.Status, a.Success = 200, true
	}
	d.attempts = append(d.attempts, a)
}

// login is one try at a form, agent "" for one that fits the name.
func (d *day) login(sec float64, client netip.Addr, user string, c rules.Cause, agent string) {
	a := detectors.Attempt{Kind: detectors.Login, Method: detectors.MethodPost}
	if d.names {
		a.User, agent = user, ""
	} else if c != rules.None {
		c = rules.Unknown
	}
	if agent == "" && !d.names {
		agent = "browser of " + user
	}
	d.put(sec, client, a, agent, "/enter", c)
}

func (d *day) request(sec float64, client netip.Addr, path string, c rules.Cause, agent string) {
	d.put(sec, client, detectors.Attempt{Method: detectors.MethodGet}, agent, path, c)
}

// customers log in for so many hours from their own addresses, one in ten of them
// mistyping once.
func (d *day) customers(from, hours, perMinute float64) {
	n := int(hours * 60 * perMinute)
	for range n {
		t := (from + d.rng.Float64()*hours) * 3600
		k := d.rng.IntN(3000)
		user, home := fmt.Sprintf("cust%d", k), netip.AddrFrom4([4]byte{198, 51, byte(k / 250), byte(k % 250)})
		if d.rng.IntN(10) == 0 {
			d.login(t, home, user, rules.BadCredentials, "")
			t += 4 + 10*d.rng.Float64()
			if d.rng.IntN(20) == 0 {
				continue // gives up
			}
		}
		d.login(t, home, user, rules.None, "")
	}
}

func (d *day) sorted() []detectors.Attempt {
	slices.SortStableFunc(d.attempts, func(a, b detectors.Attempt) int { return cmp.Compare(a.Time, b.Time) })
	return d.attempts
}

func run(cfg Config, attempts []detectors.Attempt) []*detectors.SpikeFinding {
	var got []*detectors.SpikeFinding
	report := func(f detectors.Finding) { got = append(got, f.(*detectors.SpikeFinding)) }
	t := New(cfg)
	for i := range attempts {
		t.Observe(&attempts[i], report)
	}
	t.Flush(report)
	return got
}

func kinds(fs []*detectors.SpikeFinding) map[string]int {
	n := map[string]int{}
	for _, f := range fs {
		n[f.Kind]++
	}
	return n
}

func rented(i int) netip.Addr { return netip.AddrFrom4([4]byte{203, byte(i >> 8), byte(i), 77}) }

type attack struct {
	name  string
	kind  string // with names
	plain string // without; "" where it can't be seen
	ips   int
	make  func(d *day)
}

// attacks are made of each kind, by a log with names and by one without.
var attacks = []attack{
	{"one name from one address", "brute_force", "brute_force", 1, func(d *day) {
		for i := range 200 {
			d.login(7200+float64(i)*4, ip("203.0.113.9"), "cust7", rules.BadCredentials, "tool")
		}
	}},
	{"one list from one address", "credential_stuffing", "brute_force", 1, func(d *day) {
		for i := range 300 {
			c := rules.BadCredentials
			if i%5 < 3 {
				c = rules.UnknownUser
			}
			d.login(7200+float64(i)*3, ip("203.0.113.9"), fmt.Sprintf("list%d", i), c, "tool")
		}
	}},
	{"few passwords at many names", "password_spraying", "brute_force", 1, func(d *day) {
		for i := range 600 {
			d.login(7200+float64(i)*5, ip("203.0.113.9"), fmt.Sprintf("cust%d", i%200), rules.BadCredentials, "tool")
		}
	}},
	{"many addresses, a try each", "credential_stuffing", "credential_stuffing", 500, func(d *day) {
		for i := range 500 {
			c := rules.BadCredentials
			if i%5 < 3 {
				c = rules.UnknownUser
			}
			d.login(7200+float64(i)*4, rented(i), fmt.Sprintf("list%d", i), c, "tool")
		}
	}},
	{"a network that rotates", "credential_stuffing", "credential_stuffing", 100, func(d *day) {
		for i := range 300 {
			c := rules.BadCredentials
			if i%5 < 3 {
				c = rules.UnknownUser
			}
			d.login(7200+float64(i)*20, netip.AddrFrom4([4]byte{203, 0, 113, byte(i % 100)}), fmt.Sprintf("list%d", i), c, fmt.Sprint("agent", i%30))
		}
	}},
	{"a provider's networks, one after the other", "credential_stuffing", "credential_stuffing", 210, func(d *day) {
		for i := range 630 {
			c := rules.BadCredentials
			if i%5 < 3 {
				c = rules.UnknownUser
			}
			d.login(7200+float64(i)*20, netip.AddrFrom4([4]byte{203, 0, byte(100 + i/90), byte(i % 30)}), fmt.Sprintf("list%d", i), c, fmt.Sprint("agent", i%30))
		}
	}},
	{"a /48 that rotates", "credential_stuffing", "credential_stuffing", 400, func(d *day) {
		for i := range 400 {
			a := ip("2001:db8:77::").As16()
			a[7], a[14], a[15] = byte(i%64), byte(i>>8), byte(i)
			c := rules.BadCredentials
			if i%5 < 3 {
				c = rules.UnknownUser
			}
			d.login(7200+float64(i)*5, netip.AddrFrom16(a), fmt.Sprintf("list%d", i), c, "tool")
		}
	}},
	{"one name from many addresses", "brute_force", "credential_stuffing", 120, func(d *day) {
		for i := range 360 {
			d.login(7200+float64(i)*6, rented(i%120), "cust7", rules.BadCredentials, "tool")
		}
	}},
	{"one name from a dozen addresses, slowly", "brute_force", "", 12, func(d *day) {
		for i := range 24 {
			d.login(7200+float64(i)*150, rented(i%12), "cust7", rules.BadCredentials, "tool")
		}
	}},
	{"one try a minute for hours", "credential_stuffing", "brute_force", 1, func(d *day) {
		for i := range 300 {
			d.login(3600+float64(i)*60, ip("203.0.113.9"), fmt.Sprintf("list%d", i), rules.UnknownUser, "tool")
		}
	}},
	{"a burst of seconds", "credential_stuffing", "brute_force", 1, func(d *day) {
		for i := range 60 {
			d.login(7200+float64(i)*0.4, ip("203.0.113.9"), fmt.Sprintf("list%d", i), rules.UnknownUser, "tool")
		}
	}},
	{"tokens guessed", "", "token_guessing", 1, func(d *day) {
		for i := range 400 {
			d.request(7200+float64(i)*0.7, ip("203.0.113.9"), fmt.Sprint("/keys/", i%3), rules.Unknown, "tool")
		}
	}},
}

func TestAttacks(t *testing.T) {
	for _, names := range []bool{true, false} {
		for _, a := range attacks {
			want := a.kind
			if !names {
				want = a.plain
			}
			if want == "" { // nothing of it is in such a log
				continue
			}
			t.Run(fmt.Sprintf("%s names=%v", a.name, names), func(t *testing.T) {
				d := newDay(names)
				d.customers(0, 8, 12)
				a.make(d)
				got := run(Config{}, d.sorted())
				if len(got) != 1 || got[0].Kind != want {
					t.Fatalf("got %v, want one %s", show(got), want)
				}
				if n := len(got[0].SourceIPs); n < a.ips*95/100 || n > a.ips+a.ips/20+1 {
					t.Errorf("got %d addresses, want about %d", n, a.ips)
				}
			})
		}
	}
}

func show(fs []*detectors.SpikeFinding) string {
	s := ""
	for _, f := range fs {
		s += fmt.Sprintf("%s %s to %s, %d addresses: %s\n", f.Kind, f.Start.Format("15:04:05"), f.End.Format("15:04:05"), len(f.SourceIPs), f.Reason)
	}
	return s
}

// traps look like attacks and are none.
var traps = []struct {
	name string
	want string // the finding that names it, "" for silence
	make func(d *day)
}{
	{"customers as ever", "", func(d *day) {}},
	{"first challenges and preflights", "", func(d *day) {
		for i := range 400 {
			c := rented(i % 40)
			d.request(7200+float64(i)*2, c, "/private/", rules.BenignChallenge, "b")
			d.put(7200+float64(i)*2, c, detectors.Attempt{Method: detectors.MethodOptions}, "b", "/private/", rules.Unknown)
		}
	}},
	{"tokens expire and are refreshed", "", func(d *day) {
		for i := range 200 {
			for h := range 8 {
				at := float64(h)*3600 + float64(i)*17
				d.request(at, rented(i), "/api/items", rules.Unknown, "app")
				d.put(at+0.2, rented(i), detectors.Attempt{Kind: detectors.Token, Method: detectors.MethodPost}, "app", "/token", rules.None)
				d.request(at+0.4, rented(i), "/api/items", rules.None, "app")
			}
		}
	}},
	{"a probe without credentials", "", func(d *day) {
		for i := range 900 {
			d.request(float64(i)*30, ip("192.0.2.5"), "/healthy", rules.MissingCredentials, "probe")
		}
	}},
	{"an office comes back at once", "", func(d *day) {
		for i := range 300 {
			at, user := 7200+d.rng.Float64()*300, fmt.Sprintf("clerk%d", i)
			for range d.rng.IntN(12) / 9 * 2 {
				d.login(at, ip("192.0.2.80"), user, rules.BadCredentials, "")
				at += 6
			}
			d.login(at, ip("192.0.2.80"), user, rules.None, "")
		}
	}},
	{"Monday morning", "", func(d *day) { d.customers(3, 0.25, 300) }},
	{"a forced reset", "", func(d *day) {
		for range 1500 {
			t := 7200 + d.rng.Float64()*3600
			k := d.rng.IntN(3000)
			user, home := fmt.Sprintf("cust%d", k), netip.AddrFrom4([4]byte{198, 51, byte(k / 250), byte(k % 250)})
			if d.rng.IntN(10) < 6 {
				d.login(t, home, user, rules.BadCredentials, "")
				d.login(t+8, home, user, rules.BadCredentials, "")
				if t += 60 + 1100*d.rng.Float64(); d.rng.IntN(4) == 0 {
					continue
				}
			}
			d.login(t, home, user, rules.None, "")
		}
	}},
	{"scanners all day", "", func(d *day) {
		for i := range 50 {
			for k := range 1 + i%3 {
				d.login(d.rng.Float64()*8*3600, rented(i), []string{"admin", "root", "test"}[k], rules.UnknownUser, "scan")
			}
		}
	}},
	{"a device with the old password", "broken_client", func(d *day) {
		d.login(3600, ip("192.0.2.44"), "cust3", rules.None, "mail app")
		for i := range 100 {
			d.login(7200+float64(i)*120, ip("192.0.2.44"), "cust3", rules.BadCredentials, "mail app")
		}
	}},
	{"a device of a popular app that never got in since the log began", "broken_client", func(d *day) {
		for i := range 200 {
			d.login(float64(i)*60, rented(i), fmt.Sprint("user", i), rules.None, "shop app")
		}
		for i := range 40 {
			d.login(7200+float64(i)*290+5*d.rng.Float64(), ip("192.0.2.44"), "user7", rules.BadCredentials, "shop app")
		}
	}},
	{"a client whose token died", "broken_client", func(d *day) {
		d.request(100, rented(1), "/api/sync", rules.Unknown, "other")
		for i := range 100 {
			d.request(200+float64(i)*60, ip("192.0.2.45"), "/api/sync", rules.None, "sync")
		}
		for i := range 600 {
			d.request(7200+float64(i)*6, ip("192.0.2.45"), "/api/sync", rules.Unknown, "sync")
		}
	}},
	{"a client with another service's token", "broken_client", func(d *day) {
		for i := range 100 {
			d.request(100+float64(i)*60, ip("192.0.2.45"), "/api/sync", rules.None, "sync")
		}
		for i := range 150 {
			d.request(7200+float64(i)*50+d.rng.Float64(), ip("192.0.2.45"), "/api/sync", rules.WrongAudience, "sync")
		}
	}},
	{"tokens that end and are renewed", "", func(d *day) {
		for i := range 200 {
			d.request(float64(i)*120, ip("192.0.2.45"), "/api/sync", rules.ExpiredToken, "sync")
			d.request(float64(i)*120+1, ip("192.0.2.45"), "/api/sync", rules.None, "sync")
		}
	}},
	{"keys that changed", "auth_outage", func(d *day) {
		for i := range 60 {
			d.request(float64(i), rented(i), "/api/items", rules.Unknown, "app")
			for k := range 300 {
				c := rules.None
				if k >= 100 && k < 110 {
					c = rules.InvalidSignature
				}
				d.request(60+float64(k)*60+float64(i), rented(i), "/api/items", c, "app")
			}
		}
	}},
	{"the directory is down", "auth_outage", func(d *day) {
		for k := range 120 {
			home := netip.AddrFrom4([4]byte{198, 51, byte(k / 250), byte(k % 250)})
			d.login(3600+float64(k), home, fmt.Sprintf("cust%d", k), rules.None, "")
			d.login(8*3600+100+float64(k)*4, home, fmt.Sprintf("cust%d", k), rules.IDPUnreachable, "")
		}
	}},
}

func TestTraps(t *testing.T) {
	for _, names := range []bool{true, false} {
		for _, a := range traps {
			t.Run(fmt.Sprintf("%s names=%v", a.name, names), func(t *testing.T) {
				d := newDay(names)
				d.customers(0, 8, 12)
				a.make(d)
				got := kinds(run(Config{}, d.sorted()))
				if a.want == "" && len(got) > 0 || a.want != "" && (len(got) != 1 || got[a.want] != 1) {
					t.Fatalf("got %v, want %q", got, a.want)
				}
			})
		}
	}
}

// A short log is all there is: a handful of tries that no hand made is told.
func TestShortLogs(t *testing.T) {
	for _, names := range []bool{true, false} {
		for _, c := range []struct {
			tries, users int
			gap          float64
			told         bool
		}{
			{7, 1, 1, true}, {7, 7, 1, true}, {6, 1, 10, true}, {8, 1, 5, true}, {7, 1, 90, true}, {4, 1, 10, false}, {5, 1, 140, true}, {7, 1, 200, false}, {6, 3, 10, true}, {6, 6, 10, true}, {14, 1, 25, true}, {3, 3, 0.1, false}, {40, 1, 60, true},
		} {
			d := newDay(names)
			for i := range c.tries {
				d.login(600+float64(i)*c.gap, ip("203.0.113.9"), fmt.Sprintf("name%d", i%c.users), rules.BadCredentials, "tool")
			}
			got := run(Config{}, d.sorted())
			if told := len(got) == 1 && slices.Equal(got[0].SourceIPs, []string{"203.0.113.9"}); told != c.told || len(got) > 1 {
				t.Errorf("names=%v %+v: %s", names, c, show(got))
			}
		}
	}
}

// TestOfficeWithoutNames expects no alarm over the people of an office who use the same
// browser and can't get in, where the log doesn't tell one from another.
func TestOfficeWithoutNames(t *testing.T) {
	d := newDay(false)
	for i := range 400 {
		d.login(float64(i)*60, rented(i), fmt.Sprint("user", i), rules.None, "usual browser")
		if i < 40 {
			d.login(7200+float64(i)*300+250*d.rng.Float64(), ip("192.0.2.45"), "clerk", rules.BadCredentials, "usual browser")
			d.login(6000+float64(i)*10, ip("192.0.2.45"), "clerk", rules.None, fmt.Sprint("browser ", i%9))
		}
	}
	if fs := run(Config{}, d.sorted()); len(fs) != 0 {
		t.Error(show(fs))
	}
}

func TestAllowedNetworksNeverAlarm(t *testing.T) {
	d := newDay(true)
	attacks[1].make(d)
	if got := run(Config{Allow: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}}, d.sorted()); len(got) > 0 {
		t.Fatal(show(got))
	}
}

func TestAccountsTakenOver(t *testing.T) {
	d := newDay(true)
	d.customers(0, 8, 12)
	attacks[1].make(d)
	d.login(7500, ip("203.0.113.9"), "cust5", rules.None, "tool")
	got := run(Config{}, d.sorted())
	if len(got) != 1 || !slices.Equal(got[0].CompromisedUsers, []string{"cust5"}) || got[0].Successes != 1 || got[0].Severity != detectors.Critical {
		t.Fatalf("got %v", show(got))
	}
}

// A log that is cut where a campaign was detected shows the same campaign.
func TestDetectedAtIsHonest(t *testing.T) {
	for _, names := range []bool{true, false} {
		for _, a := range attacks {
			d := newDay(names)
			d.customers(0, 8, 12)
			a.make(d)
			all := d.sorted()
			for _, f := range run(Config{}, all) {
				n, _ := slices.BinarySearchFunc(all, f.DetectedAt.UnixNano()+1, func(x detectors.Attempt, at int64) int { return cmp.Compare(x.Time, at) })
				if !slices.ContainsFunc(run(Config{Phases: true}, all[:n]), func(g *detectors.SpikeFinding) bool {
					return g.ID == f.ID && g.Phase == "opened" && g.DetectedAt.Equal(f.DetectedAt)
				}) {
					t.Errorf("%s names=%v: not opened at %v", a.name, names, f.DetectedAt)
				}
			}
		}
	}
}

// A log that is followed, with ticks while nothing comes, is told what a report of it
// tells, at the same times.
func TestTicksChangeNothing(t *testing.T) {
	for _, names := range []bool{true, false} {
		for _, a := range append(slices.Clone(attacks), attack{"a log with quiet hours", "", "", 0, func(d *day) {
			for i := range 30 {
				d.login(3600+float64(i)*7, ip("203.0.113.9"), fmt.Sprintf("name%d", i), rules.BadCredentials, "tool")
				d.login(13*3600+float64(i)*9.3, ip("203.0.113.8"), fmt.Sprintf("name%d", i), rules.BadCredentials, "tool")
			}
		}}) {
			d := newDay(names)
			d.customers(0, 8, 12)
			a.make(d)
			all := d.sorted()
			want := run(Config{Phases: true}, all)
			var got []*detectors.SpikeFinding
			report := func(f detectors.Finding) { got = append(got, f.(*detectors.SpikeFinding)) }
			tr := New(Config{Phases: true})
			for i := range all {
				if at := tr.Due(); i%3 == 0 && at < all[i].Time {
					tr.Tick(at, report)
				} else if i%3 == 1 && i > 0 {
					tr.Tick(all[i-1].Time+d.rng.Int64N(all[i].Time-all[i-1].Time+1), report)
				}
				tr.Observe(&all[i], report)
			}
			tr.Flush(report)
			if g, w := show(got), show(want); g != w {
				t.Errorf("%s names=%v:\n%s\nwithout ticks:\n%s", a.name, names, g, w)
			}
			for i := range got {
				if i < len(want) && !got[i].DetectedAt.Equal(want[i].DetectedAt) {
					t.Errorf("%s names=%v: detected at %v, without ticks at %v", a.name, names, got[i].DetectedAt, want[i].DetectedAt)
				}
			}
		}
	}
}

// Hashes differ from run to run; findings don't.
func TestKeysDontMatter(t *testing.T) {
	for _, names := range []bool{true, false} {
		var want []byte
		for i := range 3 {
			d := newDay(names)
			d.customers(0, 8, 12)
			for _, a := range attacks {
				a.make(d)
			}
			found := run(Config{Phases: true, Memory: 1 << 20}, d.sorted())
			for _, f := range found {
				if strings.Contains(f.Reason, "an estimate") { // which goes by hashes
					f.UsersCount, f.SourceIPCount, f.Kind, f.Technique, f.Reason = 0, 0, "", "", ""
				}
			}
			got, err := json.Marshal(found)
			if err != nil {
				t.Fatal(err)
			}
			if i > 0 && string(got) != string(want) {
				t.Fatalf("names=%v: run %d differs", names, i)
			}
			want = got
		}
	}
}

// Lines seconds to minutes late don't hide an attack.
func TestLateLines(t *testing.T) {
	d := newDay(true)
	d.customers(0, 8, 12)
	attacks[3].make(d)
	all := d.sorted()
	slices.SortStableFunc(all, func(a, b detectors.Attempt) int {
		return cmp.Compare(a.Time+int64(a.Time%7)*25e9, b.Time+int64(b.Time%7)*25e9)
	})
	for i := range all {
		all[i].Time += int64(d.rng.IntN(120)-60) * 1e9
	}
	if got := kinds(run(Config{}, all)); len(got) != 1 || got["credential_stuffing"] != 1 {
		t.Fatal(got)
	}
}

// Stamps that are missing, absurd or jump don't hide an attack or break anything.
func TestStrangeTimes(t *testing.T) {
	for _, odd := range []int64{0, -1 << 63, 1<<63 - 1, dayStart.AddDate(40, 0, 0).UnixNano(), dayStart.AddDate(-40, 0, 0).UnixNano()} {
		d := newDay(true)
		d.customers(0, 8, 12)
		attacks[1].make(d)
		all := d.sorted()
		for i := range all {
			if i%50 == 7 {
				all[i].Time = odd
			}
		}
		if got := kinds(run(Config{}, all)); got["credential_stuffing"] == 0 {
			t.Errorf("odd %d: %v", odd, got)
		}
	}
	d := newDay(true)
	attacks[1].make(d)
	for i := range d.attempts {
		d.attempts[i].Time = 0 // no stamps at all
	}
	run(Config{}, d.attempts)
	d = newDay(true)
	d.customers(0, 8, 12)
	attacks[1].make(d)
	back := d.sorted()
	for i := range back {
		if back[i].Time > dayStart.UnixNano()+7000e9 {
			back[i].Time -= 3 * 86400e9 // the clock was set back
		}
	}
	if got := kinds(run(Config{}, back)); got["credential_stuffing"] == 0 {
		t.Errorf("clock set back: %v", got)
	}
}

func TestNoAddress(t *testing.T) {
	d := newDay(true)
	for i := range 200 {
		d.login(7200+float64(i)*2, netip.Addr{}, "cust7", rules.BadCredentials, "")
		d.login(7200+float64(i)*2, netip.Addr{}, "", rules.BadCredentials, "")
	}
	got := run(Config{}, d.sorted())
	if len(got) != 1 || got[0].Kind != "brute_force" || len(got[0].SourceIPs) != 0 {
		t.Fatal(show(got))
	}
}

// TestNamesWithoutAddresses expects guessing at names that log in all the time to be
// seen where the log doesn't tell from where, and said what isn't known.
func TestNamesWithoutAddresses(t *testing.T) {
	for _, tt := range []struct {
		kind  string // "" for none
		names int
	}{{"brute_force", 1}, {"credential_stuffing", 300}, {"", 0}} {
		d := newDay(true)
		d.customers(0, 12, 5)
		for i := range 300 * min(tt.names, 1) {
			d.login(7*3600+float64(i)*4, netip.Addr{}, fmt.Sprint("cust", i%tt.names), rules.BadCredentials, "")
		}
		for i := range 40 { // a name that every scanner tries
			d.login(float64(i)*1000, netip.Addr{}, "admin", rules.UnknownUser, "")
		}
		for i := range d.attempts {
			d.attempts[i].Client = netip.Addr{}
		}
		fs := run(Config{}, d.sorted())
		if tt.kind == "" && len(fs) == 0 {
			continue
		}
		if len(fs) != 1 || fs[0].Kind != tt.kind || !strings.Contains(fs[0].Reason, "the log has no addresses") || strings.Contains(fs[0].Reason, "addresses an hour") {
			t.Errorf("%d names: %s", tt.names, show(fs))
		}
	}
}

// TestNeitherNamesNorAgents expects people who come from one address to be no attack
// where the log tells nothing else of them.
func TestNeitherNamesNorAgents(t *testing.T) {
	for _, rush := range []bool{false, true} {
		d := newDay(false)
		d.customers(0, 12, 5)
		for i := range 300 {
			at := 7200 + float64(i)*100
			if rush {
				at = 7200 + float64(i)*6
			}
			if i%4 == 0 || rush && i < 8 {
				d.login(at, ip("192.0.2.80"), "clerk", rules.BadCredentials, "")
			}
			if !rush || i >= 8 {
				d.login(at+9, ip("192.0.2.80"), "clerk", rules.None, "")
			}
		}
		for i := range d.attempts {
			d.attempts[i].Agent = 0
		}
		if fs := run(Config{}, d.sorted()); len(fs) != 0 {
			t.Errorf("rush %v: %s", rush, show(fs))
		}
	}
}

// An adversary of a million addresses and names costs no more than the bound, and
// attacks beside it are still seen: one address, one name, one network.
func TestMemoryIsBounded(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 200_000
	}
	const bound = 16 << 20
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	tr := New(Config{Memory: bound})
	var address, name, network, estimate bool
	most := uint64(0)
	report := func(f detectors.Finding) {
		s := f.(*detectors.SpikeFinding)
		address = address || slices.Contains(s.SourceIPs, "192.0.2.99")
		name = name || s.UsersCount == 1 && len(s.SourceIPs) >= 40
		network = network || slices.Contains(s.SourceNetworks, "203.0.113.0/24")
		estimate = estimate || s.UsersCount > n/20 && strings.Contains(s.Reason, "estimate")
	}
	fail := &detectors.Failure{Verdict: rules.Verdict{Cause: rules.BadCredentials}}
	at := dayStart.UnixNano()
	for i := range n {
		at += 5e6
		a := detectors.Attempt{Time: at, Kind: detectors.Login, User: fmt.Sprint("invented", i), Client: netip.AddrFrom4([4]byte{20, byte(i >> 16), byte(i >> 8), byte(i)}), Fail: fail}
		tr.Observe(&a, report)
		if i%200 == 0 {
			a.Client, a.User = ip("192.0.2.99"), fmt.Sprint("victim", i)
			tr.Observe(&a, report)
		}
		if i%800 == 0 {
			a.Client, a.User = netip.AddrFrom4([4]byte{198, 51, 100, byte(i / 800 % 60)}), "mira"
			tr.Observe(&a, report)
		}
		if i%800 == 400 {
			a.Client, a.User = netip.AddrFrom4([4]byte{203, 0, 113, byte(i / 800)}), fmt.Sprint("listed", i)
			tr.Observe(&a, report)
		}
		if i%100_000 == 99_999 {
			runtime.GC()
			runtime.ReadMemStats(&after)
			most = max(most, after.HeapAlloc)
		}
	}
	runtime.KeepAlive(tr)
	t.Logf("used %d KiB of %d", (int64(most)-int64(before.HeapAlloc))>>10, bound>>10)
	if used := int64(most) - int64(before.HeapAlloc); used > bound {
		t.Errorf("used %d KiB, bound %d KiB", used>>10, bound>>10)
	}
	tr.Flush(report)
	if !address || !name || !network {
		t.Errorf("seen: address %v, name %v, network %v", address, name, network)
	}
	if !estimate {
		t.Error("no finding tells of so many names, and that it is an estimate")
	}
}

func BenchmarkSuccess(b *testing.B) {
	d := newDay(true)
	d.customers(0, 8, 100)
	all := slices.DeleteFunc(d.sorted(), func(a detectors.Attempt) bool { return a.Fail != nil })
	benchmark(b, all)
}

func BenchmarkFailure(b *testing.B) {
	d := newDay(true)
	d.customers(0, 8, 12)
	for _, a := range attacks {
		a.make(d)
	}
	all := slices.DeleteFunc(d.sorted(), func(a detectors.Attempt) bool { return a.Fail == nil })
	benchmark(b, all)
}

func benchmark(b *testing.B, all []detectors.Attempt) {
	b.ReportAllocs()
	none := func(detectors.Finding) {}
	tr := New(Config{})
	shift := int64(0)
	n := 0
	for b.Loop() {
		a := all[n]
		a.Time += shift
		tr.Observe(&a, none)
		if n++; n == len(all) {
			n, shift = 0, shift+8*hour
		}
	}
}

// Two attackers at once are two campaigns.
func TestTwoAtOnce(t *testing.T) {
	d := newDay(true)
	d.customers(0, 8, 12)
	attacks[2].make(d) // one address sprays
	attacks[3].make(d) // many try once each
	got := run(Config{}, d.sorted())
	if n := kinds(got); len(got) != 2 || n["password_spraying"] != 1 || n["credential_stuffing"] != 1 {
		t.Fatal(show(got))
	}

	d = newDay(true)
	d.customers(0, 8, 12)
	attacks[3].make(d)
	for i := range 200 { // one address among them is far busier, at names as good as theirs
		c := rules.BadCredentials
		if i%5 < 3 {
			c = rules.UnknownUser
		}
		d.login(7800+float64(i)*4.5, ip("203.0.113.9"), fmt.Sprintf("other%d", i), c, "tool")
	}
	got = run(Config{}, d.sorted())
	if len(got) != 2 || !slices.ContainsFunc(got, func(f *detectors.SpikeFinding) bool { return slices.Equal(f.SourceIPs, []string{"203.0.113.9"}) }) {
		t.Fatal(show(got))
	}
}

// A campaign is opened once, grows, and is closed once, under one id.
func TestPhases(t *testing.T) {
	d := newDay(true)
	d.customers(0, 8, 12)
	attacks[3].make(d)
	got := run(Config{Phases: true}, d.sorted())
	var phases []string
	for i, f := range got {
		if f.ID != got[0].ID || i > 0 && f.Failures < got[i-1].Failures*9/10 {
			t.Errorf("%s %s after %s %s", f.ID, f.Phase, got[0].ID, got[0].Phase)
		}
		phases = append(phases, f.Phase)
	}
	if len(phases) < 3 || phases[0] != "opened" || phases[1] != "grown" || phases[len(phases)-1] != "closed" ||
		slices.Contains(phases[1:], "opened") || slices.Contains(phases[:len(phases)-1], "closed") {
		t.Error(phases)
	}
}

// Whatever comes, in whatever order of time, nothing panics, and a finding is whole.
func FuzzObserve(f *testing.F) {
	f.Add([]byte("abcdefghijklmnopqrstuvwxyz0123456789"), int64(1e9))
	f.Add([]byte{0, 1, 2, 3, 255, 254, 253, 252, 9, 9, 9, 9, 9, 9, 9, 9}, int64(3600e9))
	f.Fuzz(func(t *testing.T, data []byte, step int64) {
		tr := New(Config{Memory: 1 << 16, Phases: len(data)%2 == 0})
		report := func(x detectors.Finding) {
			s := x.(*detectors.SpikeFinding)
			if s.ID == "" || s.Reason == "" || s.End.Before(s.Start) || s.Attempts != s.Failures+s.Successes || s.Failures < 0 || s.Successes < 0 {
				t.Errorf("%+v", s)
			}
		}
		at := dayStart.UnixNano()
		for round := range 20 {
			for i := 0; i+3 < len(data); i += 4 {
				b := data[i : i+4]
				at += step
				a := detectors.Attempt{Time: at + int64(int8(b[0]))*int64(minute), Kind: detectors.Kind(b[1] % 5), Method: detectors.Method(b[1] % 6), Agent: uint64(b[2] % 8), Path: uint64(b[2] >> 5), Success: b[3]%2 == 0}
				if b[3]&2 != 0 {
					a.Client = netip.AddrFrom4([4]byte{192, 0, b[0] % 4, b[2] + byte(round)})
				} else if b[3]&4 != 0 {
					a.Client = netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 0, b[0] % 4, 0, b[2] % 8, 0, 0, 0, 0, 0, 0, 0, byte(round)})
				}
				if b[3]&8 != 0 {
					a.User = string(b[:1+b[0]%4])
				}
				if !a.Success {
					a.Fail = &detectors.Failure{Verdict: rules.Verdict{Cause: rules.Cause(int(b[1]) % rules.NumCauses)}}
				}
				tr.Observe(&a, report)
				if b[3]&16 != 0 {
					tr.Tick(at+int64(hour), report)
				}
			}
		}
		tr.Flush(report)
	})
}

// TestCalm: a name that gets in with each request is looked at again as soon as
// something of it, or of its address, is open.
func TestCalm(t *testing.T) {
	d := newDay(true)
	home, away := ip("192.0.2.44"), ip("192.0.2.45")
	for i := range 30 { // in one minute
		d.request(float64(i), home, "/inbox", rules.None, "mail app")
		d.attempts[len(d.attempts)-1].User = "cust3"
	}
	d.login(10.5, home, "cust3", rules.BadCredentials, "")
	d.login(20.5, away, "cust3", rules.BadCredentials, "")
	slices.SortFunc(d.attempts, func(a, b detectors.Attempt) int { return cmp.Compare(a.Time, b.Time) })
	tr := newTracker(Config{})
	skipped := 0
	for i := range d.attempts {
		a := &d.attempts[i]
		user, who := tr.who(a)
		if a.Fail == nil && tr.calm.has(sourceKey(a.Client), who, a.Time/minute) {
			skipped++
		}
		tr.Observe(a, func(detectors.Finding) { t.Error("a finding") })
		if u := tr.accounts.get(user); u != nil && a.Fail == nil && u.open != 0 {
			t.Errorf("attempt %d: %d visits are open after a success", i, u.open)
		}
	}
	if skipped < 20 {
		t.Errorf("%d requests were no news, want 20 at least", skipped)
	}
}
