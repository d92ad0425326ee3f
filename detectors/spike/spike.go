// Package spike sees password attacks (MITRE ATT&CK T1110) and what only looks
// like them.
//
// The evidence is the visit: one identity (a name, or a user agent where the log
// has no names) failing from one address. An ordinary visit is resolved when the
// same identity gets in; one that stays unresolved speaks for an attack, and the
// ones that were resolved speak against it. Visits add up by address, network,
// name, look (user agent or fingerprint) and over the whole site, each with a sum that
// forgets; a sum over its threshold is an alarm, which is held for twenty minutes while
// it is doubtful, or until the fates of its visits leave no doubt. Alarms that belong
// together make one campaign, which grows and closes.
//
// The tracker (tracker.go, clock.go) gives attempts to evidence.go, which keeps visits
// (visits.go), takes back with forgive.go what a login explains, and keeps what is
// known of addresses, names and networks (sources.go), of routes (routes.go, doors.go,
// forms.go, admitted.go), of programs (looks.go) and of what is usual (logins.go,
// history.go). Alarms are judged in judge.go, crowd.go and site.go, as time passes in
// settle.go, and become campaigns in campaign.go, join.go and resting.go; outage.go,
// provider.go and repeat.go know what is no attack. What a campaign got into is
// decided in takeover.go and stolen.go, what is told of it in report.go and bans.go.
// All of it is bounded (table.go, ring.go, kept.go, index.go, tally.go) and can be
// saved (state.go, code.go).
package spike

import (
	"net/netip"

	"why401/detectors"
)

// Config sets the tracker's bounds.
type Config struct {
	Memory int64          // bytes, at most; 0 means 64 MiB
	Allow  []netip.Prefix // never alarm
	Phases bool           // report opened and grown, not only closed
	Bans   bool           // say in findings which addresses to shut out
	Key    *detectors.Key // of the hashes of names; nil means one of this run
}

// New returns the tracker of campaigns. It reports *detectors.SpikeFinding.
func New(cfg Config) *Tracker { return newTracker(cfg) }
