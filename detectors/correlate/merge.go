package correlate

import (
	"slices"

	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

// merge makes one of r.parts, which are in order. Where they disagree, the outer
// hop knows the client, and the better evidence the cause.
func (r *request) merge() {
	parts := r.parts
	if len(parts) == 1 {
		r.Attempt = &parts[0]
		r.refine()
		return
	}
	outer, decider := 0, -1
	for i := range parts {
		if depth(&parts[i]) < depth(&parts[outer]) {
			outer = i
		}
		if f := parts[i].Fail; f != nil && (decider < 0 || better(&parts[i], &parts[decider])) {
			decider = i
		}
	}
	r.merged = parts[outer]
	a := &r.merged
	r.Attempt = a
	a.Time, a.Fail = parts[0].Time, nil
	for i := range parts {
		fill(a, &parts[i])
	}
	if decider >= 0 {
		d := parts[decider]
		a.Place, a.EndLine, a.Success = d.Place, d.EndLine, false
		a.Fail = mergeFailures(parts, outer, decider)
		a.Layer = d.Layer
		if decider != outer && a.Layer == parsers.LayerUnknown && depth(&d) == int(parsers.App) {
			a.Layer = parsers.App
		}
		copy(parts[1:decider+1], parts[:decider])
		parts[0] = d
	}
	r.refine()
}

// refine takes back what was guessed of one line alone where another tells more: that
// nothing was sent, if some hop saw credentials; that nobody says why, if it was a login.
func (r *request) refine() {
	if r.Fail == nil || r.Fail.Cause != rules.Unknown && r.Fail.Tier != rules.TierStatus {
		return
	}
	f := *r.Fail
	switch {
	case r.Kind == detectors.Login && f.Cause != rules.BadCredentials && r.Status == 401:
		f.Verdict = correlated(rules.BadCredentials, 0.65, "a login was refused", maybe(rules.UnknownUser, 0.15), maybe(f.Cause, 0.1))
		r.Fail = &f
		return
	case f.Cause != rules.MissingCredentials || r.Sent != parsers.SentPresent:
		return
	}
	f.Cause = rules.Unknown
	f.Candidates = slices.DeleteFunc(slices.Clone(f.Candidates), func(c rules.Candidate) bool {
		return c.Cause == rules.MissingCredentials || c.Cause == rules.BenignChallenge
	})
	r.Fail = &f
}

// depth is how far behind the client a line was written. Where the format doesn't
// tell, a line that shows what was sent, or nothing but a status, is a proxy's.
func depth(a *detectors.Attempt) int {
	switch {
	case a.Layer != parsers.LayerUnknown:
		return int(a.Layer)
	case a.Sent != parsers.SentUnknown || a.Fail == nil || a.Fail.Tier == rules.TierStatus:
		return int(parsers.Edge)
	}
	return int(parsers.App)
}

// fill takes from b what a doesn't know.
func fill(a, b *detectors.Attempt) {
	if !a.Client.IsValid() || !tellsClient(a) && tellsClient(b) {
		a.Client = b.Client
	}
	if a.User == "" {
		a.User = b.User
	}
	if a.Status == 0 {
		a.Status = b.Status
	}
	if a.Method == detectors.MethodUnknown {
		a.Method = b.Method
	}
	if a.Layer == parsers.LayerUnknown {
		a.Layer = b.Layer
	}
	if a.Sent == parsers.SentUnknown {
		a.Sent = b.Sent
	}
	if a.Scheme == detectors.SchemeUnknown && a.Sent != parsers.SentAbsent {
		a.Scheme = b.Scheme
	}
	if a.Kind == detectors.Request || a.Kind == detectors.Dependency {
		if a.Kind = b.Kind; b.Kind == detectors.Dependency {
			a.Kind = detectors.Request
		}
	}
	for _, f := range [...]struct {
		to   *uint64
		from uint64
	}{{&a.Path, b.Path}, {&a.Agent, b.Agent}, {&a.Fingerprint, b.Fingerprint}, {&a.Request, b.Request}, {&a.Trace, b.Trace}, {&a.Replica, b.Replica}} {
		if *f.to == 0 {
			*f.to = f.from
		}
	}
	if a.Opened == nil {
		a.Opened = b.Opened
	}
	a.Success = a.Success || b.Success
}

// better says whether a's failure tells more than b's: a cause before a guess,
// then the stronger evidence, the surer verdict, the inner hop.
func better(a, b *detectors.Attempt) bool {
	f, g := a.Fail, b.Fail
	x, y := telling(f), telling(g)
	if denied(a) {
		x = 0
	}
	if denied(b) {
		y = 0
	}
	switch {
	case x != y:
		return x > y
	case f.Tier != g.Tier:
		return f.Tier > g.Tier
	case f.Confidence != g.Confidence:
		return f.Confidence > g.Confidence
	}
	return depth(a) > depth(b)
}

// denied reports that a's words say that nothing was sent, and its fields that
// something was.
func denied(a *detectors.Attempt) bool {
	return a.Fail.Cause == rules.MissingCredentials && a.Fail.Tier <= rules.TierWord && a.Sent == parsers.SentPresent
}

// doubts reports that f's words say that nobody was known, as "unauthenticated" does, and
// not whether something was sent.
func doubts(f *detectors.Failure) bool {
	if f.Cause != rules.MissingCredentials || f.Tier == rules.TierStatus {
		return false
	}
	var weight float32
	for _, c := range f.Candidates {
		switch c.Cause {
		case rules.InvalidToken, rules.ExpiredSession, rules.MalformedToken, rules.ExpiredToken, rules.WrongScheme:
			weight += c.Weight
		}
	}
	return weight >= 0.2
}

// telling orders causes by what they leave open.
func telling(f *detectors.Failure) int {
	switch {
	case f.Cause == rules.Unknown || f.Cause == rules.None:
		return 0
	case f.Cause == rules.OriginDenied || f.Tier == rules.TierStatus:
		return 1
	case f.Cause == rules.InvalidToken || f.Cause == rules.AuthorizerFailure:
		return 2
	}
	return 3
}

// mergeFailures returns the decider's failure with the fields that others know,
// or what the disagreement of two hops shows.
func mergeFailures(parts []detectors.Attempt, outer, decider int) *detectors.Failure {
	d := &parts[decider]
	f := *d.Fail
	for i := range parts {
		o := parts[i].Fail
		if w := parts[i].Opened; w != nil && f.Path == "" {
			f.Method, f.Path = w.Method, w.Path
		}
		if o == nil || i == decider {
			continue
		}
		for _, s := range [...]struct {
			to   *string
			from string
		}{{&f.Method, o.Method}, {&f.Path, o.Path}, {&f.UserAgent, o.UserAgent}, {&f.Fingerprint, o.Fingerprint}, {&f.RequestID, o.RequestID}, {&f.Origin, o.Origin}, {&f.Replica, o.Replica}} {
			if *s.to == "" {
				*s.to = s.from
			}
		}
		if telling(o) == 3 && telling(&f) == 3 && o.Cause != f.Cause && !vague(o) { // contradiction
			f.Confidence *= 0.85
			f.Candidates = withCandidate(f.Candidates, f.Cause, o.Cause, o.Confidence/2)
		}
	}
	if outer != decider && parts[outer].Fail != nil && parts[outer].Fail.Path != "" {
		f.Path, f.Method = parts[outer].Fail.Path, parts[outer].Fail.Method
	}
	stripped(parts, d, &f)
	return &f
}

// stripped names the header that one hop saw and the next didn't.
func stripped(parts []detectors.Attempt, d *detectors.Attempt, f *detectors.Failure) {
	missing := f.Tier > rules.TierStatus && (f.Cause == rules.MissingCredentials || f.Cause == rules.APIKeyMissing)
	if !missing && (d.Sent != parsers.SentAbsent || telling(f) > 1) {
		return
	}
	for i := range parts {
		o := &parts[i]
		if d.Sent == parsers.SentPresent || o.Sent != parsers.SentPresent || o.Place == d.Place || depth(o) > depth(d) || o.SameLog(d) && o.Layer == d.Layer {
			continue
		}
		if missing && o.Layer == d.Layer && o.Layer != parsers.LayerUnknown && d.Status == 0 { // two logs of one server
			f.Verdict = correlated(rules.MalformedHeader, 0.55, "the server's own log shows that credentials came: it could not read them",
				maybe(rules.WrongScheme, 0.3), maybe(f.Cause, 0.15))
			return
		}
		if missing && doubts(f) {
			f.Verdict = correlated(rules.Unknown, 0.4, f.Evidence, maybe(rules.ProxyStrippedHeader, 0.3), maybe(rules.InvalidToken, 0.3), maybe(rules.ExpiredToken, 0.15))
			f.Tier = rules.TierStatus
			return
		}
		words := "the proxy saw credentials, the application did not"
		if o.Layer == parsers.Edge {
			words = "the edge saw credentials, the application did not"
		}
		f.Verdict = correlated(rules.ProxyStrippedHeader, 0.92, words, rules.Candidate{Cause: f.Cause, Weight: 0.08})
		return
	}
}

// withCandidate adds cause to candidates, which may be nil and are not changed.
func withCandidate(candidates []rules.Candidate, first, cause rules.Cause, weight float32) []rules.Candidate {
	if slices.ContainsFunc(candidates, func(c rules.Candidate) bool { return c.Cause == cause }) {
		return candidates
	}
	if len(candidates) == 0 {
		candidates = []rules.Candidate{{Cause: first, Weight: 1 - weight}}
	}
	return append(slices.Clip(candidates), rules.Candidate{Cause: cause, Weight: weight})
}

// contradict reports whether the words of two lines name different causes.
func contradict(a, b *detectors.Failure) bool {
	return a.Cause != b.Cause && a.Tier > rules.TierStatus && b.Tier > rules.TierStatus && telling(a) == 3 && telling(b) == 3
}
