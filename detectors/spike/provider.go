package spike

import (
	"math"

	"why401/detectors"
	"why401/rules"
)

// A provider weighs the calls to an identity provider that fail against the refusals
// that the log gives no reason for, within about a minute. While the calls are about as
// many, it is they that refuse people, whatever the passwords are.
type provider struct {
	calls, refused float64
	at             int64
}

const (
	providerMemory = float64(minute)
	providerCalls  = 3 // of them, that one alone may be for something else
)

// unreachable is why such a request is refused: other lines say it.
var unreachable = detectors.Failure{Verdict: rules.Verdict{Cause: rules.IDPUnreachable, Tier: rules.TierWord}}

func (p *provider) pass(now int64) {
	if now > p.at {
		keep := math.Exp(-float64(now-p.at) / providerMemory)
		p.calls, p.refused, p.at = p.calls*keep, p.refused*keep, now
	}
}

// fails takes a line that says that a call failed.
func (p *provider) fails(now int64) {
	p.pass(now)
	p.calls++
}

// refuses takes a refusal without a reason, and says whether failing calls are it.
func (p *provider) refuses(now int64) bool {
	p.pass(now)
	p.refused++
	return p.calls >= providerCalls && 2*p.calls >= p.refused
}

// saysUnreachable says that a tells of a call that failed.
func saysUnreachable(a *detectors.Attempt) bool {
	return a.Kind == detectors.Dependency || a.Fail != nil && a.Fail.Cause == rules.IDPUnreachable
}
