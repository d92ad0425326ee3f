package spike

import (
	"why401/detectors"
	"why401/rules"
)

// A repeat is one client that sends one request again and again with a token that
// was understood and doesn't do. That is no guess and no evidence of an attack, and
// where it goes on for long the client is broken.
type repeat struct{ visit }

func (r *repeat) id() uint64 { return r.key }

func (r *repeat) worth(now int64) float64 {
	return min(float64(r.fails), 20) - float64(now-r.last)/float64(minute)
}

const repeatEnds = hour // without a try

// repeated takes a refusal that doesn't weigh as a guess.
func (t *Tracker) repeated(a *detectors.Attempt, at int64) {
	switch a.Fail.Cause {
	case rules.ExpiredToken, rules.RevokedToken, rules.WrongAudience, rules.WrongIssuer, rules.WrongTokenType, rules.InvalidClient,
		rules.MTLSClientCert, rules.SAMLFailure:
	default:
		return
	}
	if !a.Client.IsValid() || a.Path == 0 {
		return
	}
	key := t.mix(t.visitKey(a, a.Agent, token), route(a))
	r := t.repeats.get(key)
	src := t.client(a, 0)
	if r == nil {
		r = t.repeats.put(key, t.now)
		r.key = key
	} else if at-r.last > repeatEnds || src.okAt[token] > r.last { // it got a better token meanwhile
		*r = repeat{visit{key: key}}
	}
	if r.fails == 0 {
		r.srcKey, r.looks, r.path, r.class = src.key, looksOf(a), a.Path, token
		r.from(a.Client)
		r.first, r.last = at, at
		r.own = true // its token was good once
	} else if at > r.last {
		g := float64(at-r.last) / float64(second)
		r.gaps2 += g * g
		r.last = at
	}
	r.fails++
	src.last = t.now
	if c := t.campaign(r.camp); c != nil {
		c.more(&r.visit, 1)
	} else if r.steady(10) && r.gap() > 1 {
		t.judgeBroken(&r.visit, src)
	}
}
