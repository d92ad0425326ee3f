package correlate

import (
	"strings"
	"time"

	"why401/detectors"
	"why401/rules"
)

const (
	dialogueReach = int64(10 * time.Second) // between two lines of one process about one try
	clientReach   = int64(4 * time.Second)  // and of one service about one client
	maxDialogues  = 4096                    // the oldest is forgotten
	maxVoices     = 8
)

// dialogues knows the lines that one try at logging in leaves with a daemon: sshd says
// that the user doesn't exist, PAM that authentication failed, sshd that the password
// did, and then who was disconnected. A second line in the same words is another try.
type dialogues struct {
	open  map[dialogueKey]*dialogue
	order [maxDialogues]dialogueKey // a ring of those in open
	next  int
}

type dialogueKey struct {
	source    int32
	what, who uint64 // the process, or the service and its client
}

type dialogue struct {
	user   string
	first  int64
	last   int64
	id     uint64 // stands for the try
	voices [maxVoices]voice
	n      int
}

// echoes reports whether a tells again of a try that is known, and marks it as one
// with the line that told of it first, unless that was too long ago for lines of one
// request. a has failed; client is the hash of its client.
func (d *dialogues) echoes(a *detectors.Attempt, client uint64) bool {
	if a.Time == 0 || a.Status != 0 || a.Path != 0 || a.Request|a.Trace != 0 || !ofLogin(a.Fail.Cause) {
		return false
	}
	key, reach := dialogueKey{source: a.Source, what: a.Thread}, dialogueReach
	if a.Thread == 0 {
		if client == 0 {
			return false
		}
		key.what, key.who, reach = a.Service, client, clientReach
	}
	by := voiceOf(a.Fail.Evidence)
	o := d.open[key]
	if o != nil && max(a.Time-o.last, o.last-a.Time) <= reach && agree(o.user, a.User) && o.hears(by, o.user+a.User != "") {
		if o.user == "" {
			o.user = strings.Clone(a.User)
		}
		o.last = max(o.last, a.Time)
		if a.Time-o.first <= joinWindow {
			a.Trace = o.id
		}
		return true
	}
	if o == nil {
		o = d.begin(key)
	}
	*o = dialogue{user: strings.Clone(a.User), first: a.Time, last: a.Time, id: mix(uint64(a.Source)<<40|uint64(a.Line), key.what) | 1, n: 1}
	o.voices[0] = by
	a.Trace = o.id
	return false
}

// waiting reports whether a line or failure with this trace waits to be judged.
func (t *Tracker) waiting(trace uint64) (yes bool) {
	if trace == 0 {
		return false
	}
	t.pending.each(byTrace, trace, func(int32) bool {
		yes = true
		return false
	})
	return yes || t.byID[trace] != nil
}

func (d *dialogues) begin(key dialogueKey) *dialogue {
	if d.open == nil {
		d.open = map[dialogueKey]*dialogue{}
	}
	delete(d.open, d.order[d.next])
	d.order[d.next] = key
	d.next = (d.next + 1) % maxDialogues
	o := &dialogue{}
	d.open[key] = o
	return o
}

// hears reports whether these are other words than those that were heard. Where the
// name is known, it isn't in the way: their beginnings tell.
func (o *dialogue) hears(by voice, named bool) bool {
	for _, v := range o.voices[:o.n] {
		if v.begins == by.begins || !named && v.ends == by.ends {
			return false
		}
	}
	if o.n == maxVoices {
		return false
	}
	o.voices[o.n] = by
	o.n++
	return true
}

// ofLogin reports whether a login, not a token, is refused with this cause.
func ofLogin(c rules.Cause) bool {
	switch c {
	case rules.BadCredentials, rules.UnknownUser, rules.AccountLockedOrDisabled, rules.PasswordExpired, rules.MFAFailure,
		rules.KerberosNTLMFailure, rules.RateLimitedOrBlocked, rules.Unknown:
		return true
	}
	return false
}

// A voice tells one sentence from another by the letters it begins and ends with: a
// name, which differs from try to try, may stand among either.
type voice struct{ begins, ends uint32 }

func voiceOf(words string) voice {
	const some = 12
	return voice{letters(words[:min(len(words), some)]), letters(words[max(0, len(words)-some):])}
}

// letters is a hash of the letters among words, whatever their case.
func letters(words string) uint32 {
	const prime = 16777619 // FNV-1a
	h := uint32(2166136261)
	for i := range len(words) {
		if c := words[i] | 0x20; c-'a' < 26 {
			h = (h ^ uint32(c)) * prime
		}
	}
	return h
}
