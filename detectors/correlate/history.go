package correlate

import (
	"math"
	"math/bits"
	"time"

	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

// history is what is known of clients, routes and replicas. All of it is bounded.
type history struct {
	clients  recent[client]
	routes   recent[route]  // by path and replica; path 0 is any
	failures recent[counts] // by path, replica and class
	crowds   recent[crowd]  // by replica and class; replica 0 is any
	replicas recent[replica]
	aliases  recent[uint64]   // what an edge calls a replica -> what it calls itself; 0 where that isn't one name
	misses   recent[struct{}] // paths that nobody had reached, asked for by clients that are accepted elsewhere
	grants   bool             // some log shows requests for tokens
	lockouts recent[int64]    // by user: when it was last said to be locked
	accounts recent[account]  // by user
	lapses   recent[lapse]    // by client
	schemes  schemes          // accepted
	renewed  counts           // new tokens for clients that had been refused
}

func newHistory() history {
	return history{
		clients: newRecent[client](1 << 16), routes: newRecent[route](1 << 12), failures: newRecent[counts](1 << 12),
		crowds: newRecent[crowd](1 << 9), replicas: newRecent[replica](1 << 5), aliases: newRecent[uint64](1 << 8),
		lockouts: newRecent[int64](1 << 12), misses: newRecent[struct{}](1 << 10), accounts: newRecent[account](1 << 14), lapses: newRecent[lapse](1 << 12),
	}
}

// A client is what is remembered of one address.
//
// What every success needs comes first: with the key it is one line of the cache.
type client struct {
	accepted int64       // last success with credentials, as far as known; 0 is never
	paths    [4]uint64   // of the last successes
	failed   int64       // last failure that waited; the chain of those that still do is in Tracker.chains
	at       uint8       // in paths, next to be replaced
	root     rules.Cause // of the last of the refusals that was named
	refusals uint16      // how many, refusalGap apart at most
	granted  int64       // last new token
	served   uint64      // replica that answered last, where that is known
	refused  int64       // last 401 or 407

	redirected int64 // last answer that sent it elsewhere
}

func (c *client) reached(path uint64) bool {
	return path != 0 && (c.paths[0] == path || c.paths[1] == path || c.paths[2] == path || c.paths[3] == path)
}

// refusalGap is the longest time between refusals that belong together.
const refusalGap = int64(5 * time.Minute)

// An account is what is remembered of one name in requests that carry it.
type account struct {
	accepted int64  // last
	client   uint64 // by whom
	refuser  uint64 // the first client with which it was refused since
	others   bool   // it was refused with another, too
}

// A lapse is what is remembered of one client's tokens that came at a wrong time.
type lapse struct {
	at, by int64 // when the last was refused, and its detectors.Failure.Lapse
}

// compareLapse tells tokens made anew, which are off by the same time whenever they are
// used, from one that is kept, which is off by more and more.
func (t *Tracker) compareLapse(f *held, c *client) {
	const apart = int64(2 * time.Second)
	l := t.lapses.put(f.key)
	by := int64(f.Fail.Lapse)
	since, more := f.Time-l.at, by-l.by
	near := max(apart, since/50)
	switch {
	case l.at == 0 || c.accepted > l.at || since > refusalGap:
	case since <= apart:
		return // too soon to tell
	case since > 2*near && max(more-since, since-more) <= near:
		f.kept = true
	case since > 2*near && max(more, -more) <= near:
		f.steady = true
	}
	*l = lapse{at: f.Time, by: by}
}

// A route is what is remembered of one path on one replica.
type route struct {
	any  uint32 // successes of any kind
	good counts // successes for which credentials may have been needed
}

// A replica is one that answered, or is said to have started; key 0 is for
// requests of which no log says who answered.
type replica struct {
	key     uint64
	service uint64 // whose it is
	started int64  // last
	good    counts // as of a route
}

// schemes count successes by the scheme of the credentials, up to 255.
type schemes [detectors.SchemeOther + 1]uint8

func (s *schemes) add(scheme detectors.Scheme) {
	if s[scheme] < math.MaxUint8 {
		s[scheme]++
	}
}

// span is the length of the buckets in which counts are kept.
const (
	span    = int64(16 * time.Second)
	buckets = 32 // more than the longest wait and what is looked at before
)

// counts are numbers of events by time, of the last few minutes.
type counts struct {
	total uint32
	last  int64           // bucket of the latest event
	n     [buckets]uint16 // up to the most it holds
}

func (c *counts) add(at int64) {
	c.total++
	b := at / span
	if b > c.last {
		for i := max(c.last+1, b-buckets+1); i <= b; i++ {
			c.n[i&(buckets-1)] = 0
		}
		c.last = b
	}
	if b > c.last-buckets {
		if n := &c.n[b&(buckets-1)]; *n < math.MaxUint16 {
			*n++
		}
	}
}

// sum returns the events in the buckets of from to to.
func (c *counts) sum(from, to int64) (n int) {
	if c == nil {
		return 0
	}
	for b := max(from/span, c.last-buckets+1); b <= min(to/span, c.last); b++ {
		n += int(c.n[b&(buckets-1)])
	}
	return n
}

// A crowd counts the different clients that failed, by time.
type crowd struct {
	last int64
	in   [buckets / 2]struct {
		clients  [8]uint64
		regulars [8]bool // had been accepted before
		n        int
	}
}

const crowdSpan = 2 * span

func (c *crowd) add(at int64, client uint64, regular bool) {
	b := at / crowdSpan
	if b > c.last {
		for i := max(c.last+1, b-int64(len(c.in))+1); i <= b; i++ {
			c.in[i&(int64(len(c.in))-1)].n = 0
		}
		c.last = b
	}
	if client == 0 || b <= c.last-int64(len(c.in)) {
		return
	}
	in := &c.in[b&(int64(len(c.in))-1)]
	for i := range in.n {
		if in.clients[i] == client {
			in.regulars[i] = in.regulars[i] || regular
			return
		}
	}
	if in.n < len(in.clients) {
		in.clients[in.n], in.regulars[in.n] = client, regular
		in.n++
	}
}

// distinct returns how many clients failed between from and to, and how many of
// them had been accepted before; it counts to 32.
func (c *crowd) distinct(from, to int64) (all, regulars int) {
	if c == nil {
		return 0, 0
	}
	var seen [32]uint64
	for b := max(from/crowdSpan, c.last-int64(len(c.in))+1); b <= min(to/crowdSpan, c.last); b++ {
		in := &c.in[b&(int64(len(c.in))-1)]
	next:
		for i := range in.n {
			for _, s := range seen[:all] {
				if s == in.clients[i] {
					continue next
				}
			}
			if all == len(seen) {
				return all, regulars
			}
			seen[all] = in.clients[i]
			all++
			if in.regulars[i] {
				regulars++
			}
		}
	}
	return all, regulars
}

// logins stands for the path of all of them.
const logins = 4

// onPath is the key of the crowd that failed on a path; 0 is any.
func onPath(path uint64, c class) uint64 { return mix(path, 2*uint64(c)) }

// The keys of crowds that stand for something else than a path.
var (
	lostSessions = onPath(1, noClass) // got no new token after a refusal
	freshTokens  = onPath(2, noClass) // refused as expired with a token just given out
)

// onReplica is the key of the crowd that failed on a replica.
func onReplica(replica uint64, c class) uint64 { return mix(replica, 2*uint64(c)+1) }

// mix makes one key of two.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0xa0761d6478bd642f, b^0xe7037ed1a0b428db)
	return hi ^ lo
}

// A class is what failures have in common that a fault of the server can cause
// for many clients at once.
type class uint8

const (
	noClass   class = iota
	opaque          // the credentials were refused, and not said why
	signature       // keys or signatures don't fit
	timing          // expired, or not valid yet
	claim           // some other property of the token
	password        // a login, and not said why
	numClasses
)

// classOf returns the class of a failure of somebody who sent credentials, or may have.
func classOf(a *detectors.Attempt) class {
	if unchecked(a) {
		return password
	}
	if a.Kind != detectors.Request || a.Sent == parsers.SentAbsent || a.Method == detectors.MethodOptions {
		return noClass
	}
	switch a.Fail.Cause {
	case rules.InvalidSignature, rules.UnknownKey:
		return signature
	case rules.ExpiredToken, rules.ClockSkew:
		return timing
	case rules.Unknown, rules.InvalidToken, rules.OriginDenied, rules.AuthorizerFailure, rules.IDPUnreachable, rules.ServerMisconfiguration:
		return opaque
	case rules.MalformedToken, rules.RevokedToken, rules.WrongIssuer, rules.WrongAudience, rules.WrongTokenType, rules.AlgorithmNotAllowed:
		return claim
	case rules.BadCredentials: // outside of a login: of a token, as likely
		if a.Fail.Tier == rules.TierWord {
			return claim
		}
	case rules.MissingCredentials:
		if doubts(a.Fail) {
			return opaque
		}
	}
	if a.Fail.Tier == rules.TierStatus {
		return opaque
	}
	return noClass
}

// compare notes what the past of f's client, or of its name, says of f, and adds f to it.
func (t *Tracker) compare(f *held, c *client) {
	const oldest, youngest = int64(5 * time.Minute), int64(2 * time.Second) // age of a token that isn't expired; requests may be under way still
	if age := f.Time - c.granted; f.Fail.Cause == rules.ExpiredToken && c.granted > c.accepted-int64(time.Second) && age >= youngest && age <= oldest {
		f.fresh = true
		t.crowds.put(freshTokens).add(f.Time, f.key, true)
	}
	if f.Fail.Lapse != 0 {
		t.compareLapse(f, c)
	}
	f.served = c.served
	if f.Replica != 0 {
		c.served = f.Replica
	}
	if c.refusals > 0 && f.Time-c.refused <= refusalGap && c.accepted <= c.refused {
		f.refusals, f.sinceRefusal, f.root = int(c.refusals), f.Time-c.refused, c.root
	}
	if f.Status == 401 || f.Status == 407 {
		if f.Time-c.refused > refusalGap {
			c.refusals, c.root = 0, rules.Unknown
		}
		c.refused = f.Time
		if c.refusals < math.MaxUint16 {
			c.refusals++
		}
		if f.Fail.Cause > rules.Unknown && f.Fail.Cause != rules.RateLimitedOrBlocked {
			c.root = f.Fail.Cause
		}
	}
	if a := t.account(f); a != nil {
		f.named = a.client == f.key && a.accepted <= f.Time && f.Time-a.accepted <= accountReach
		if a.refuser == 0 {
			a.refuser = f.key
		} else if a.refuser != f.key {
			a.others = true
		}
	}
}

func (t *Tracker) meetReplica(a *detectors.Attempt) *replica {
	r := t.replicas.put(a.Replica)
	r.key, r.service = a.Replica, a.Service
	return r
}

// passed remembers a request that is no failure.
func (t *Tracker) passed(r *request) {
	switch {
	case r.Success:
		t.succeeded(r)
	case r.Kind == detectors.Token && r.Status >= 400 && r.Status < 500: // no new token, and not said why
		key := t.clientKey(r.Attempt)
		if f := t.chains[key]; f != nil {
			g := t.keep(r)
			if f.refusedBy(g); g.renewal {
				t.crowds.put(lostSessions).add(r.Time, key, false)
			}
		}
	}
}

// succeeded remembers a success, and tells the failures of its client that it followed.
func (t *Tracker) succeeded(r *request) {
	if redirects(r) {
		if c := t.clients.get(t.clientKey(r.Attempt)); c != nil && r.Sent != parsers.SentAbsent {
			c.redirected = r.Time
		}
		return
	}
	replica := t.meetReplica(r.Attempt)
	guarded := r.Sent != parsers.SentAbsent && r.Kind == detectors.Request
	if r.Path != 0 {
		route := t.routes.put(mix(r.Path, r.Replica))
		route.any++
		if guarded {
			route.good.add(r.Time)
		}
	}
	if guarded {
		replica.good.add(r.Time)
		t.schemes.add(r.Scheme)
	}
	if r.Kind == detectors.Login {
		route := t.routes.put(mix(logins, r.Replica))
		route.any++
		route.good.add(r.Time)
	}
	key := t.clientKey(r.Attempt)
	if key == 0 {
		return
	}
	c := t.clients.put(key)
	if c.failed != 0 && r.Time-c.failed <= refreshWindow {
		t.chains[key].followedBy(r)
	}
	if r.Sent != parsers.SentAbsent {
		c.accepted = r.Time
	}
	if r.Replica != 0 {
		c.served = r.Replica
	}
	if r.Kind == detectors.Token {
		if c.granted = r.Time; c.failed != 0 && r.Time-c.failed <= refreshWindow {
			t.renewed.add(r.Time)
		}
	}
	if r.User != "" && r.Kind == detectors.Request {
		a := t.accounts.put(t.names.String(r.User))
		*a = account{accepted: max(a.accepted, r.Time), client: key}
	}
	if !c.reached(r.Path) {
		c.paths[c.at&3] = r.Path
		c.at++
	}
}

// redirects reports that r was sent elsewhere, and so was not let in where it asked.
func redirects(r *request) bool {
	return r.Kind == detectors.Request && r.Status >= 300 && r.Status < 400 && r.Status != 304 && (r.Method == detectors.MethodGet || r.Method == detectors.MethodHead)
}

// failed remembers a failure, and holds it.
func (t *Tracker) failed(r *request, report func(detectors.Finding)) {
	t.meetReplica(r.Attempt)
	f := t.keep(r)
	var regular bool
	key := t.clientKey(r.Attempt)
	if key != 0 {
		if t.clients.lost > 0 && t.clients.get(key) == nil {
			t.counters.Unsure++
		}
		c := t.clients.put(key)
		f.key, regular = key, c.accepted != 0
		f.regular, f.reached, f.older = regular, c.reached(r.Path), t.chains[key]
		if f.older != nil {
			f.older.newer = f
			if r.Kind == detectors.Token {
				if f.older.refusedBy(f); f.renewal {
					t.crowds.put(lostSessions).add(r.Time, key, regular)
				}
			}
		}
		t.chains[key], c.failed = f, r.Time
		t.compare(f, c)
		if regular && r.Path != 0 && t.worked(r.Path) == 0 {
			t.misses.put(r.Path)
		}
	}
	if f.class = classOf(f.Attempt); f.class != noClass {
		who := key
		if who == 0 && r.User != "" {
			who = t.names.String(r.User)
		}
		route := f.route()
		for _, path := range [...]uint64{route, 0} {
			t.failures.put(mix(mix(path, r.Replica), uint64(f.class))).add(r.Time)
			if route == 0 {
				break
			}
		}
		t.crowds.put(onPath(0, f.class)).add(r.Time, who, regular)
		if route != 0 {
			t.crowds.put(onPath(route, f.class)).add(r.Time, who, regular)
		}
		if r.Replica != 0 {
			t.crowds.put(onReplica(r.Replica, f.class)).add(r.Time, who, regular)
		}
	}
	if r.Fail.Cause == rules.AccountLockedOrDisabled && r.User != "" {
		*t.lockouts.put(t.names.String(r.User)) = r.Time
	}
	t.hold(f, report)
}
