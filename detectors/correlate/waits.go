package correlate

import (
	"time"

	"why401/detectors"
	"why401/rules"
)

// How long a failure waits at most for what may explain it. Who watches wants the
// cause soon: these are the shortest times that leave the answer as it is where
// failures are some seconds apart.
const (
	challengeWindow = int64(2 * time.Second)  // to the success that makes a refusal a challenge
	refreshWindow   = int64(30 * time.Second) // to the token endpoint's answer and the next try
	outageWindow    = 3 * span                // to see whether others are accepted
	replicaWindow   = 6 * span                // to compare the replicas
	endpointWindow  = 6 * span                // to see somebody reach a path
)

// waits returns how long after f something may come that can change its cause.
func (t *Tracker) waits(f *held) (longest int64) {
	if f.untimed {
		return 0
	}
	longest = lagWaits(t, f)
	for i := range judges {
		switch j := &judges[i]; {
		case j.waits != nil:
			longest = max(longest, j.waits(t, f))
		case longest == 0:
			if _, ok := j.decide(t, f); ok {
				return 0
			}
		}
	}
	return longest
}

// outageWaits is for what strikes everyone: it can't be told from one failure alone.
// Where nobody was accepted yet, or some still are, nobody is struck.
func outageWaits(t *Tracker, f *held) int64 {
	if f.class == noClass || f.class == timing || f.goesOn || f.class == password && !t.loginsFail(f) ||
		t.accepted(0) == 0 && f.class != password && t.around(rules.SignalDependency, 0, f.Time-signalReach, f.Time+outageWindow) == nil {
		return 0
	}
	return outageWindow
}

// replicaWaits is for the fault of one replica. Where the line names a cause it takes
// another failure of the same replica, or its restart just before, to doubt it.
func replicaWaits(t *Tracker, f *held) int64 {
	if f.class == noClass || f.class == password || f.Replica == 0 || f.ownGoesOn || len(t.replicas.slots) < 2 {
		return 0
	}
	if !unsaid(f) && !t.justStarted(f) {
		_, bad := t.sums(f, 0, f.Replica, -replicaWindow, replicaWindow)
		if _, all := t.siteSums(f, 0, -replicaWindow, replicaWindow); bad < 2 || bad*10 < all*9 {
			return 0
		}
	}
	return replicaWindow
}

// justStarted reports that f's replica started minutes before at most.
func (t *Tracker) justStarted(f *held) bool {
	r := t.replicas.get(f.Replica)
	return r != nil && r.started != 0 && r.started <= f.Time && f.Time-r.started <= standOutWindow
}

// lostWaits is for others who ask for a path in vain, or somebody who reaches it.
func lostWaits(t *Tracker, f *held) int64 {
	if !mayBeLost(t, f) {
		return 0
	}
	return endpointWindow
}

// endpointWaits is for a path that several asked for in vain: somebody may reach it yet.
func endpointWaits(t *Tracker, f *held) int64 {
	if _, ok := wrongEndpoint(t, f); !ok || allows(f, rules.WrongEndpoint) {
		return 0
	}
	return endpointWindow
}

func challengeWaits(t *Tracker, f *held) int64 {
	switch {
	case f.key == 0 || f.Path == 0 || !mayBeChallenge(f):
		return 0
	case t.grants && maybeFirstToken(f) && !f.recovered:
		return refreshWindow
	case asksForPassword(f) && !f.retried && !f.typed && !f.loggedIn && len(t.held) < t.cfg.MaxHeld/4: // somebody is typing
		return refreshWindow
	}
	return challengeWindow
}

func refreshWaits(t *Tracker, f *held) int64 {
	if !t.grants || f.key == 0 || f.Kind != detectors.Request || !unsaid(f) || f.recovered || f.refused {
		return 0
	}
	return refreshWindow
}

// lossWaits is for others that get no new token either.
func lossWaits(t *Tracker, f *held) int64 {
	if _, lost := sessionsLost(t, f); lost || !f.refused && !f.renewal {
		return 0
	}
	return outageWindow
}

// aheadWaits is for others whose new tokens are taken for expired.
func aheadWaits(_ *Tracker, f *held) int64 {
	if !f.fresh {
		return 0
	}
	return outageWindow
}

// nameWaits is for a request on another path with the same name.
func nameWaits(t *Tracker, f *held) int64 {
	if a := t.account(f); a == nil || !f.named || a.accepted > f.Time {
		return 0
	}
	return refreshWindow
}

// loginsFail reports whether nobody logs in where others did, or a call to what checks
// passwords failed: then it may not be the password.
func (t *Tracker) loginsFail(f *held) bool {
	if t.worked(logins) > 0 {
		good, _ := t.siteSums(f, logins, -span, 0)
		if _, bad := t.siteSums(f, logins, -2*span, 0); bad >= 3 && good == 0 {
			return true
		}
	}
	return t.around(rules.SignalDependency, 0, f.Time-signalReach, f.Time+outageWindow) != nil
}

// unchecked reports that a login was refused without a word.
func unchecked(a *detectors.Attempt) bool {
	return a.Kind == detectors.Login && a.Fail != nil && (a.Fail.Tier == rules.TierStatus || a.Fail.Rule == "correlate/"+rules.BadCredentials.String())
}

// uncheckedWaits is for a login that was refused without a word: its hops may differ
// by the time that one takes, and a stamp of whole seconds tells less.
func uncheckedWaits(_ *Tracker, f *held) int64 {
	switch {
	case f.untimed || !unchecked(f.Attempt):
		return 0
	case f.Time%int64(time.Second) == 0:
		return int64(time.Second) + timeWindow
	}
	return timeWindow
}
