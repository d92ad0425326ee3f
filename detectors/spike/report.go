package spike

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"why401/detectors"
)

const (
	mostAddresses = 10000 // that one finding lists
	leastTries    = 5
)

// name makes the finding's id, from what doesn't differ between runs over the
// same log.
func (c *campaign) name() string {
	first := "-"
	if ips := c.sorted(); len(ips) > 0 {
		first = ips[0].String()
	}
	h := sha256.Sum256(fmt.Appendf(nil, "%d %d %s %s", c.start, c.class, c.kind(), first))
	return hex.EncodeToString(h[:6])
}

func (c *campaign) sorted() []netip.Addr {
	ips := make([]netip.Addr, 0, len(c.addrs.n))
	for a := range c.addrs.n {
		ips = append(ips, a)
	}
	slices.SortFunc(ips, netip.Addr.Compare)
	return ips
}

// phase is the one that a campaign still open is in.
func (c *campaign) phase() string {
	if c.grown {
		return "grown"
	}
	return "opened"
}

// kind says which attack it is. Without names, stuffing, spraying and guessing
// can't be told apart: the number of addresses and of logins decides.
func (c *campaign) kind() string {
	users, tries := c.users.count(), float64(c.tries())
	switch {
	case c.view == viewBroken:
		return "broken_client"
	case c.view == viewOutage:
		return "auth_outage"
	case c.class == token:
		return "token_guessing"
	case users == 0 && c.sources.len() > 1, users == 0 && c.oks > 1:
		return "credential_stuffing"
	case users == 0, users <= 3, tries/float64(users) >= 10:
		return "brute_force"
	}
	perUser := tries / float64(users)
	missing := float64(c.unknown) / float64(max(1, c.visits))
	if missing < 0.2 && perUser >= 1.5 || perUser > 2.5 {
		return "password_spraying"
	}
	return "credential_stuffing"
}

var techniques = map[string]string{
	"brute_force":         "T1110.001",
	"password_spraying":   "T1110.003",
	"credential_stuffing": "T1110.004",
}

// tell reports c as it stands.
func (t *Tracker) tell(c *campaign, phase string) {
	if f := t.finding(c, phase); f != nil {
		t.report(f)
	}
}

// finding makes what is told of c as it stands; nil where that is nothing.
func (t *Tracker) finding(c *campaign, phase string) *detectors.SpikeFinding {
	if !t.cfg.Phases && (c.fails+c.oks < leastTries && c.users.len() < fewNames || c.crowd(1) || c.partial()) {
		return nil // nearly all of it was resolved since, or proved to be people's, or some were let in
	}
	sure, doubtful := t.stolen(c)
	c.stolen = len(sure)
	kind := c.kind()
	f := &detectors.SpikeFinding{
		Type: "spike", ID: c.key, Phase: phase, Kind: kind,
		Start: stamp(c.start), End: stamp(max(c.start, c.end)), DetectedAt: stamp(c.opened),
		Severity: c.severity(), Technique: techniques[kind],
		UsersCount: c.users.count(), Attempts: c.tries(), Failures: c.fails, Successes: c.oks + c.stolen, Cause: c.cause,
	}
	if c.view != viewOutage {
		ips := c.sorted()
		for _, a := range ips[:min(len(ips), mostAddresses)] {
			f.SourceIPs = append(f.SourceIPs, a.String())
		}
		if n := c.addrs.count(); n > len(f.SourceIPs) {
			f.SourceIPCount = n
		}
	}
	f.SourceNetworks = c.networks()
	for _, e := range sure {
		f.CompromisedUsers = append(f.CompromisedUsers, e.name)
	}
	slices.Sort(f.CompromisedUsers)
	f.Reason = t.reason(c, doubtful)
	if t.cfg.Bans {
		f.Bans = t.bans(c, doubtful)
	}
	c.sent = c.state()
	return f
}

// state tells one moment of a campaign from another.
func (c *campaign) state() int { return c.tries() + c.stolen }

// tries counts those refused and those that got in.
func (c *campaign) tries() int { return c.fails + c.oks + c.stolen }

// networks lists the networks that are at fault themselves.
func (c *campaign) networks() []string {
	var at []string
	for _, n := range c.nets {
		if c.holds(n) {
			at = append(at, n.String())
		}
	}
	for _, n := range c.subnets() {
		if c.holds(n) && !slices.ContainsFunc(c.nets, n.Overlaps) {
			at = append(at, n.String())
		}
	}
	slices.Sort(at)
	return slices.Compact(at)
}

const manyHosts = 4 // of one /64, that its owner moves through

// subnets lists each /64 of which c used many addresses: it is one customer's.
func (c *campaign) subnets() (list []netip.Prefix) {
	hosts := map[netip.Prefix]int{}
	for a := range c.addrs.n {
		if a.Is6() {
			n, _ := a.Prefix(64)
			if hosts[n]++; hosts[n] == manyHosts {
				list = append(list, n)
			}
		}
	}
	return list
}

// stamp is the zero time where a log has no times.
func stamp(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

func (c *campaign) severity() detectors.Severity {
	switch {
	case c.view == viewBroken, c.partial():
		return detectors.Low
	case c.view == viewOutage:
		return detectors.High
	case c.stolen > 0:
		return detectors.Critical
	case c.gaveUp():
		return detectors.Low
	case c.fails < 50 && c.addrs.len() < 10:
		return detectors.Medium
	}
	return detectors.High
}

// partial says that an outage let so many in that it isn't one of everybody.
func (c *campaign) partial() bool { return c.view == viewOutage && 5*c.oks > c.fails }

// gaveUp says that a person who has forgotten the password may be behind c, too: a few
// tries by hand, from one place, at names that exist as far as the log tells.
func (c *campaign) gaveUp() bool {
	return c.class == login && c.fails < someTries && c.oks == 0 && c.unknown == 0 && c.sources.len() <= 1 && c.users.len() <= 2 &&
		float64(c.end-c.start) > fastGap*float64(second)*float64(c.fails-1)
}

// reason says in one sentence what was seen and what it is compared with.
func (t *Tracker) reason(c *campaign, doubtful []theft) string {
	var b strings.Builder
	span := " in " + lasted(c.end-c.start)
	if c.start == 0 { // a duration needs both ends
		span = ""
	}
	switch c.view {
	case viewOutage:
		fmt.Fprintf(&b, "%s that used to get in met %s%s, ", count(c.addrs.len(), "address", "addresses"), count(c.fails, "refusal", "refusals"), span)
		if c.partial() {
			fmt.Fprintf(&b, "but %s let in: not everybody is refused", count(c.oks, "request was", "requests were"))
		} else {
			b.WriteString("and next to nobody got in meanwhile")
		}
		return b.String()
	case viewBroken:
		fmt.Fprintf(&b, "one client repeated the same refused request %d times%s at its own pace and changed nothing", c.fails, span)
		if c.class == token && !c.own {
			b.WriteString(", unless its credentials differed, which the log doesn't tell: then it guesses")
		}
		return b.String()
	}
	if n := c.addrs.count(); n > 0 {
		b.WriteString(count(n, "address", "addresses"))
	} else {
		b.WriteString("somebody")
	}
	b.WriteString(" tried ")
	if n := c.users.count(); n > 0 {
		fmt.Fprintf(&b, "%s ", count(n, "name", "names"))
		if c.unknown > 0 {
			fmt.Fprintf(&b, "(%d%% don't exist) ", 100*c.unknown/max(1, c.visits))
		}
	}
	b.WriteString(count(c.tries(), "time", "times") + span)
	switch in := c.oks + c.stolen; in {
	case 0:
		if t.letsIn(c.class) {
			b.WriteString(" and never got in")
		} else {
			b.WriteString("; nobody was seen to get in, for the log tells of no logins")
		}
	case 1:
		b.WriteString(" and got in once")
	default:
		fmt.Fprintf(&b, " and got in %d times", in)
	}
	from, who := "from the same addresses ", "addresses"
	if c.addrs.count() == 0 {
		from, who = "", "names"
	}
	if n := len(doubtful); n > 0 {
		fmt.Fprintf(&b, "; %s that got in %smay be customers", count(n, "name", "names"), from)
	}
	b.WriteString(t.sharing(c))
	usual, _ := t.site[c.class].expected()
	if c.gaveUp() {
		b.WriteString("; a person who gave up looks the same")
	} else if d := t.door(c.class, c.path); c.view == viewSite && d != nil {
		usual, _ = d.expected()
		fmt.Fprintf(&b, "; usually %.1f %s an hour are refused on this route that never got in", usual*3600, who)
	} else if c.view == viewSite {
		fmt.Fprintf(&b, "; usually %.1f %s an hour are refused that never got in", usual*3600, who)
	} else if t.usual.all >= 20 && c.class == login {
		fmt.Fprintf(&b, "; %d%% of the others who were refused at first got in", 100*t.usual.resolved/t.usual.all)
	} else if c.class == login {
		b.WriteString("; people who mistype get in after a few tries")
	} else {
		b.WriteString("; clients whose token has ended get a new one")
	}
	if c.users.len() == 0 && c.class == login {
		b.WriteString("; the log has no names, so stuffing, spraying and guessing can't be told apart")
	}
	if c.addrs.count() == 0 {
		b.WriteString("; the log has no addresses")
	} else if c.inside() {
		b.WriteString("; its addresses are private, a proxy's or of the network itself")
	}
	if c.addrs.over != nil || c.users.over != nil {
		b.WriteString("; there were more than memory holds, so how many addresses and names is an estimate")
	}
	if c.start == 0 && c.end != 0 {
		b.WriteString("; some of its lines have no times, so how fast is unknown")
	} else if c.start == 0 {
		b.WriteString("; the log has no times, so how fast is unknown")
	} else if t.odd != 0 && t.odd >= c.start-lateness {
		b.WriteString("; the log's times jump, so when it was may be wrong")
	}
	if short := max(t.visits.short, t.sources.short, t.accounts.short); short != 0 && short >= c.start {
		b.WriteString("; memory was short, so counts are lower bounds")
	}
	return b.String()
}

// letsIn says that the log tells who got in, too.
func (t *Tracker) letsIn(cl class) bool {
	return t.logins.next > 1 || cl == token && t.visitors.any()
}

// inside says that none of the campaign's addresses is one of the internet.
func (c *campaign) inside() bool {
	for a := range c.addrs.n {
		if public(a) {
			return false
		}
	}
	return c.addrs.over == nil
}

// lasted writes a time in ns, to the second.
func lasted(ns int64) string {
	d := time.Duration(max(0, ns)).Round(time.Second)
	s := d.String()
	switch {
	case d == 0:
		return s
	case d%time.Hour == 0:
		return strings.TrimSuffix(s, "0m0s")
	case d%time.Minute == 0:
		return strings.TrimSuffix(s, "0s")
	}
	return s
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
