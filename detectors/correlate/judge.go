package correlate

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

// A judge names the cause of f, if what it looks at decides it.
type judge struct {
	decide func(t *Tracker, f *held) (rules.Verdict, bool)
	// waits says how long after f something may come that decide looks at; 0 where
	// nothing can, nil where it looks at f and at what came before. It is asked
	// again as time goes on: what has come since may leave nothing to wait for.
	waits func(t *Tracker, f *held) int64
}

// judges are asked in this order: what strikes everyone at once, then what a hop
// did (mergeFailures, before), then the client's own history; after them the line
// stands. Preflights and stripped headers come first as credentials play no part.
var judges = [...]judge{
	{preflight, nil}, {wrongScheme, nil}, {strippedHeader, nil},
	{dependencyDown, outageWaits}, {loginUnchecked, uncheckedWaits}, {replicaAtFault, replicaWaits}, {restarted, outageWaits}, {keyRotation, outageWaits}, {everyone, outageWaits}, {sessionsLost, lossWaits}, {serverAhead, aheadWaits},
	{challenge, challengeWaits}, {refreshed, refreshWaits}, {sessionEnded, refreshWaits},
	{sessionCookie, nil}, {csrf, nil}, {locked, nil}, {throttled, nil}, {foreignNonce, nil}, {foreignToken, outageWaits},
	{forbiddenName, nameWaits}, {nameNoLongerTaken, nil}, {lostOnTheWay, lostWaits}, {wrongEndpoint, endpointWaits}, {whoseClock, nil}, {sent, nil},
}

// judge names the cause of f.
func (t *Tracker) judge(f *held) rules.Verdict {
	if outageWaits(t, f) > 0 { // still in doubt
		if o, down := t.collapsed(f); down {
			f.outage = &o
		}
	}
	for i := range judges {
		if v, ok := judges[i].decide(t, f); ok {
			return v
		}
	}
	return f.Fail.Verdict
}

// correlated returns a verdict of this package; its evidence is a sentence of our own.
func correlated(cause rules.Cause, confidence float32, evidence string, others ...rules.Candidate) rules.Verdict {
	v := rules.Verdict{Cause: cause, Confidence: confidence, Rule: "correlate/" + cause.String(), Evidence: evidence, Tier: rules.TierCode}
	for _, o := range others {
		if o.Cause != cause && o.Cause != rules.None && o.Cause != rules.Unknown {
			if v.Candidates == nil {
				v.Candidates = []rules.Candidate{{Cause: cause, Weight: confidence}}
			}
			v.Candidates = append(v.Candidates, o)
		}
	}
	return v
}

// maybe is a candidate.
func maybe(cause rules.Cause, weight float32) rules.Candidate {
	return rules.Candidate{Cause: cause, Weight: weight}
}

// unsaid reports that the line leaves the cause open.
func unsaid(f *held) bool {
	switch f.Fail.Cause {
	case rules.Unknown, rules.InvalidToken, rules.OriginDenied, rules.AuthorizerFailure:
		return true
	case rules.MalformedToken, rules.BadCredentials: // words that fit badly where the client had been accepted
		if f.Fail.Tier > rules.TierStatus {
			return f.reached && f.Fail.Tier == rules.TierWord && f.Kind == detectors.Request
		}
	case rules.MissingCredentials:
		if doubts(f.Fail) {
			return f.reached
		}
	}
	return f.Fail.Tier == rules.TierStatus
}

// allows reports that the line says cause, or has it among its candidates.
func allows(f *held, cause rules.Cause) bool {
	return f.Fail.Cause == cause || slices.ContainsFunc(f.Fail.Candidates, func(c rules.Candidate) bool { return c.Cause == cause })
}

// preflight knows the request that a browser sends before a request of a page of
// another origin; it never has credentials (Fetch Standard, CORS-preflight fetch).
func preflight(_ *Tracker, f *held) (v rules.Verdict, ok bool) {
	if f.Method != detectors.MethodOptions || f.Sent == parsers.SentPresent || f.Status != 0 && (f.Status < 400 || f.Status >= 500) ||
		!unsaid(f) && f.Fail.Cause != rules.MissingCredentials && f.Fail.Cause != rules.CORSPreflight {
		return v, false
	}
	confidence, words := float32(0.55), "an OPTIONS request without credentials"
	switch {
	case f.Fail.Origin != "":
		confidence, words = 0.95, "an OPTIONS request with an origin and without credentials"
	case strings.HasPrefix(f.Fail.UserAgent, "Mozilla/"):
		confidence, words = 0.8, "an OPTIONS request of a browser without credentials"
	}
	return correlated(rules.CORSPreflight, confidence, words, maybe(rules.MissingCredentials, 1-confidence)), true
}

// wrongScheme knows credentials of a scheme with which nobody is accepted, where
// others are with another: the server doesn't see what it can't read.
func wrongScheme(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	const some = 5
	if f.Scheme == detectors.SchemeUnknown || f.Kind != detectors.Request || f.Sent != parsers.SentPresent || t.schemes[f.Scheme] > 0 {
		return v, false
	}
	switch f.Fail.Cause {
	case rules.MissingCredentials, rules.ProxyStrippedHeader, rules.MalformedHeader, rules.Unknown, rules.OriginDenied:
	default:
		return v, false
	}
	others := 0
	for s := detectors.SchemeBasic; s <= detectors.SchemeOther; s++ {
		if others += int(t.schemes[s]); others >= some {
			return correlated(rules.WrongScheme, 0.75, "nobody was accepted with this scheme, others are with another", maybe(f.Fail.Cause, 0.2)), true
		}
	}
	return v, false
}

// strippedHeader keeps what the join of two hops showed.
func strippedHeader(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	v = f.Fail.Verdict
	if v.Cause != rules.ProxyStrippedHeader {
		return v, false
	}
	inner := t.file(f.Place)
	for i := range f.parts {
		if p := &f.parts[i]; p.Sent == parsers.SentPresent {
			if outer := t.file(p.Place); outer != "" && inner != "" && outer != inner {
				v.Evidence += fmt.Sprintf(": it is in %s and gone in %s", outer, inner)
				break
			}
		}
	}
	return v, true
}

// sums adds up successes, and failures of f's class, on path (0 is any) and one
// replica, from and to being nanoseconds from f.
func (t *Tracker) sums(f *held, path, replica uint64, from, to int64) (good, bad int) {
	if path == 0 {
		if r := t.replicas.get(replica); r != nil {
			good = r.good.sum(f.Time+from, f.Time+to)
		}
	} else if r := t.routes.get(mix(path, replica)); r != nil {
		good = r.good.sum(f.Time+from, f.Time+to)
	}
	return good, t.failures.get(mix(mix(path, replica), uint64(f.class))).sum(f.Time+from, f.Time+to)
}

// siteSums adds up all replicas.
func (t *Tracker) siteSums(f *held, path uint64, from, to int64) (good, bad int) {
	for i := range t.replicas.slots {
		g, b := t.sums(f, path, t.replicas.slots[i].val.key, from, to)
		good, bad = good+g, bad+b
	}
	return good, bad
}

// accepted returns how many requests with credentials, as far as known, were let in
// on path; 0 is any.
func (t *Tracker) accepted(path uint64) (n uint32) {
	for i := range t.replicas.slots {
		if path == 0 {
			n += t.replicas.slots[i].val.good.total
		} else if r := t.routes.get(mix(path, t.replicas.slots[i].val.key)); r != nil {
			n += r.good.total
		}
	}
	return n
}

// worked returns how often path was reached with success.
func (t *Tracker) worked(path uint64) (n int) {
	for i := range t.replicas.slots {
		if r := t.routes.get(mix(path, t.replicas.slots[i].val.key)); r != nil {
			n += int(r.any)
		}
	}
	return n
}

// An outage is a time in which (almost) nobody is accepted.
type outage struct {
	start, last int64
	clients     int // refused around one failure, and counted up to 32
	regulars    int // of these, accepted before
	failures    int
	worked      bool // the route had been reached with success
}

// A view is what happened around one time on one route; the failures of one
// moment share it.
type view struct {
	path     uint64
	class    class
	bucket   int64
	bad      int // failures, where nearly nobody was accepted; else 0
	clients  int
	regulars int
}

// look returns the view around f on path.
func (t *Tracker) look(f *held, path uint64) *view {
	bucket := f.Time / span
	for i := range t.views {
		if v := &t.views[i]; v.path == path && v.class == f.class && v.bucket == bucket {
			return v
		}
	}
	v := &t.views[t.viewed%len(t.views)]
	t.viewed++
	*v = view{path: path, class: f.class, bucket: bucket}
	clients, regulars := t.crowds.get(onPath(path, f.class)).distinct(f.Time-6*span, f.Time+6*span)
	for _, w := range [...][2]int64{{-2 * span, 2 * span}, {span, outageWindow}, {0, outageWindow}, {-5 * span, -span}, {-span, span}} {
		good, bad := t.siteSums(f, path, w[0], w[1])
		meanwhile, _ := t.crowds.get(onPath(path, f.class)).distinct(f.Time+w[0], f.Time+w[1])
		if bad > 0 && good*10 <= bad && good*4 <= meanwhile { // one client alone can fail a thousand times
			v.bad, v.clients, v.regulars = bad, clients, regulars
			break
		}
	}
	return v
}

// collapsed says whether (almost) nobody was accepted on f's route while f's
// class of failure struck, looking a minute and a half back and outageWindow ahead.
func (t *Tracker) collapsed(f *held) (outage, bool) {
	path := f.route()
	worked := t.worked(path)
	if worked < 3 && path != logins { // a route that is seldom asked for says nothing: look at all
		path = 0
	}
	v := t.look(f, path)
	if v.bad == 0 {
		return outage{}, false
	}
	if path != 0 && path != logins && v.clients < 4 { // of a route asked for now and then: the others tell as much
		if all := t.look(f, 0); all.bad > 0 && all.clients > v.clients {
			v = all
		}
	}
	o := &t.outages[f.class]
	if f.Time-o.last > episodeGap || o.start-f.Time > episodeGap {
		*o = outage{start: f.Time, last: f.Time}
	}
	o.start, o.last = min(o.start, f.Time), max(o.last, f.Time) // failures aren't judged in the order of time
	o.clients, o.regulars, o.failures = v.clients, v.regulars, v.bad
	o.worked = o.worked || worked > 0
	return *o, true
}

// dependencyDown blames nobody while the identity provider can't be reached.
func dependencyDown(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	o := f.outage
	if o == nil || f.class == timing || f.Fail.Cause == rules.ServerMisconfiguration || f.class == claim && o.regulars < 3 {
		return v, false
	}
	s := t.around(rules.SignalDependency, 0, o.start-signalReach, f.Time+int64(time.Minute))
	if s == nil {
		return v, false
	}
	if f.class == password && o.clients < 3 || o.clients < 2 && (f.Time-s.Time > int64(time.Minute) || s.Time > f.Time || f.class != opaque && f.Fail.Tier > rules.TierStatus) {
		return v, false // one client alone, with a reason of its own
	}
	t.explain(f, s)
	confidence := float32(0.9)
	if o.clients < 3 {
		confidence = 0.65
	}
	return correlated(rules.IDPUnreachable, confidence, fmt.Sprintf("%s refused and nobody accepted while calls to a service that checks credentials failed", clients(o.clients)),
		maybe(f.Fail.Cause, 0.1)), true
}

// loginUnchecked knows a login that nobody could check: while it was refused, and no
// line says why, a call to what checks passwords failed.
func loginUnchecked(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	to := uncheckedWaits(t, f)
	if to == 0 {
		return v, false
	}
	s := t.around(rules.SignalDependency, 0, f.Time-timeWindow, f.Time+to)
	if s == nil {
		return v, false
	}
	t.explain(f, s)
	return correlated(rules.IDPUnreachable, 0.8, "a call to a service that checks credentials failed at the very time", maybe(f.Fail.Cause, 0.15)), true
}

// restarted blames what a restart brought: a new setting or secret.
func restarted(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	o := f.outage
	if o == nil || f.class == timing || f.class == password || o.regulars < 3 && (o.clients < 3 || !o.worked) {
		return v, false
	}
	s := t.around(rules.SignalRestart, 0, o.start-signalReach, o.start+span)
	if s == nil || s.Replica != 0 && s.Replica != f.Replica && f.Replica != 0 {
		return v, false
	}
	t.explain(f, s)
	return correlated(rules.ServerMisconfiguration, 0.8, fmt.Sprintf("%s refused and nobody accepted since a restart %s before", clients(o.clients), seconds(o.start-s.Time)),
		maybe(rules.UnknownKey, 0.15)), true
}

// replicaAtFault compares the replicas that serve f's route, or all routes where that
// one is seldom asked for: when nearly all failures are of one, more than chance allows,
// clients are not to blame.
func replicaAtFault(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	if f.class == noClass || f.class == password || f.Replica == 0 || len(t.replicas.slots) < 2 {
		return v, false
	}
	words, ok := t.standsOut(f, f.Path)
	if !ok && f.Path != 0 {
		words, ok = t.standsOut(f, 0)
	}
	if !ok {
		return v, false
	}
	if s := t.around(rules.SignalDependency, f.Replica, f.Time-standOutWindow, f.Time+span); s != nil && f.class != timing {
		t.explain(f, s)
		return correlated(rules.IDPUnreachable, 0.75, words+", which could not reach a service that checks credentials", maybe(rules.ServerMisconfiguration, 0.2)), true
	}
	if f.class == timing {
		return correlated(rules.ClockSkew, 0.93, words, maybe(f.Fail.Cause, 0.07)), true
	}
	if t.restartedBefore(f) { // with another secret or setting
		return correlated(rules.ServerMisconfiguration, 0.88, words+", since its restart", maybe(rules.UnknownKey, 0.1)), true
	}
	if f.class == signature {
		return correlated(rules.UnknownKey, 0.75, words, maybe(rules.ServerMisconfiguration, 0.2)), true
	}
	return correlated(rules.ServerMisconfiguration, 0.8, words, maybe(rules.UnknownKey, 0.1)), true
}

// restartedBefore reports that f's replica is known to have started before, and relates
// the line that says so: it names the replica, or stands in a log of its own.
func (t *Tracker) restartedBefore(f *held) bool {
	r := t.replicas.get(f.Replica)
	known := r != nil && r.started != 0 && r.started <= f.Time
	for i := len(t.list) - 1; i >= 0; i-- {
		s := t.list[i]
		if s.kind == rules.SignalRestart && s.Time <= f.Time && (s.Replica == f.Replica || s.Replica == 0 && s.Source == f.Source && s.Service == f.log().service) {
			t.explain(f, s)
			return true
		}
	}
	return known
}

const standOutWindow = 15 * span

// standsOut reports whether failures of f's class on path (0 is any) are those of its
// replica, and says so in words.
func (t *Tracker) standsOut(f *held, path uint64) (words string, ok bool) {
	good, bad := t.sums(f, path, f.Replica, -standOutWindow, standOutWindow)
	least, surely := 5, 3.3
	if t.justStarted(f) { // which is reason enough to suspect it
		least, surely = 4, 2
	}
	if bad < least {
		return "", false
	}
	allGood, allBad := good, bad
	for i := range t.replicas.slots {
		if o := &t.replicas.slots[i].val; o.key != f.Replica && agree(o.service, f.Service) {
			g, b := t.sums(f, path, o.key, -standOutWindow, standOutWindow)
			if allGood, allBad = allGood+g, allBad+b; bad*10 < allBad*9 {
				return "", false
			}
		}
	}
	others := allGood + allBad - good - bad
	if allGood-good < 3 || others < least {
		return "", false
	}
	if all, _ := t.crowds.get(onReplica(f.Replica, f.class)).distinct(f.Time-standOutWindow, f.Time+standOutWindow); all < 3 {
		return "", false
	}
	share := float64(good+bad) / float64(allGood+allBad)
	if z := (float64(bad) - float64(allBad)*share) / math.Sqrt(float64(allBad)*share*(1-share)); z < surely {
		return "", false
	}
	one := "one replica"
	if name := t.replicaName(f); name != "" {
		one += " (" + name + ")"
	}
	return fmt.Sprintf("%d of %d requests refused by %s, %d of %d by the others", bad, good+bad, one, allBad-bad, others), true
}

// keyRotation knows the moment from which no key fits any more: not one foreign
// token, but everybody who was accepted before.
func keyRotation(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	o := f.outage
	if o == nil || f.class != signature || o.regulars < 3 && (o.clients < 4 || !o.worked) {
		return v, false
	}
	return correlated(rules.UnknownKey, 0.87, fmt.Sprintf("signatures of %s refused from one moment on, nobody accepted meanwhile: keys were changed", clients(o.clients)),
		maybe(rules.ServerMisconfiguration, 0.1)), true
}

// everyone sees that all are refused, and nothing says why.
func everyone(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	o := f.outage
	if o == nil || f.class != opaque && f.class != claim || f.Sent != parsers.SentPresent && f.Fail.Tier == rules.TierStatus && !f.reached || o.regulars < 5 || o.failures < 10 || !o.worked {
		return v, false
	}
	return correlated(rules.ServerMisconfiguration, 0.5, fmt.Sprintf("%s refused at once that were accepted before, nobody accepted meanwhile", clients(o.regulars)),
		maybe(f.Fail.Cause, 0.25), maybe(rules.UnknownKey, 0.2), maybe(rules.IDPUnreachable, 0.15)), true
}

// sessionsLost tells the loss of a signing key or of a session store from single
// sessions that end: many clients at once get no new token, and nobody does.
func sessionsLost(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	if !f.refused && !f.renewal || !unsaid(f) && !saysNoGrant(f) {
		return v, false
	}
	lost, _ := t.crowds.get(lostSessions).distinct(f.Time-2*span, f.Time+outageWindow)
	if kept := t.renewed.sum(f.Time-2*span, f.Time+outageWindow); lost < 5 || kept*4 > lost {
		return v, false
	}
	return correlated(rules.ServerMisconfiguration, 0.7, clients(lost)+" were given no new token at once, nearly nobody was: a signing key or the session store was lost",
		maybe(rules.ExpiredSession, 0.25)), true
}

// serverAhead tells tokens at their end from a server whose clock is ahead: it
// takes tokens for expired that were given out just now, and nearly all it sees.
func serverAhead(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	if !f.fresh {
		return v, false
	}
	all, _ := t.crowds.get(freshTokens).distinct(f.Time-6*span, f.Time+outageWindow)
	if good, bad := t.siteSums(f, 0, -2*span, outageWindow); all >= 2 && good*10 <= bad {
		return correlated(rules.ClockSkew, 0.75, "tokens of "+clients(all)+" were expired as soon as they were given out: the clock of this server is ahead",
			maybe(rules.ExpiredToken, 0.25)), true
	}
	v = f.Fail.Verdict
	v.Candidates = withCandidate(v.Candidates, v.Cause, rules.ClockSkew, 0.25)
	return v, true
}

func clients(n int) string {
	switch {
	case n == 1:
		return "1 client"
	case n >= 32:
		return "more than 30 clients"
	}
	return fmt.Sprintf("%d clients", n)
}

func seconds(d int64) string { return (time.Duration(d) / time.Second * time.Second).String() }
