package main

import (
	"bytes"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"why401/detectors"
	"why401/detectors/leak"
	"why401/internal/engine"
	"why401/internal/report"
	"why401/parsers"
	"why401/rules"
)

// findings are the flags of the commands that write findings (report, tail,
// check), and what becomes of them. A group of flags that a command doesn't add
// has its defaults.
type findings struct {
	read   reading
	log    journal
	choose choosing
	spikes spiking
	write  writing
	fail   level
	rules  ruleFlag
	key    keyFlag
	accept accepting
	state  remembering
	sink   *report.Sink

	options report.Options // of the writers, without what --format and --top add
}

// addAllow adds --allow and the other flags of attacks.
func (f *findings) addAllow(cmd *cobra.Command) { f.spikes.add(cmd) }

// addFail adds --fail-on with its default.
func (f *findings) addFail(cmd *cobra.Command, value string) {
	f.fail = newLevel(value)
	cmd.Flags().Var(&f.fail.choice, "fail-on", "exit with status 1 if a finding is at least this bad: informational, low (a refused request), medium, high, critical; or never")
	f.fail.complete(cmd, "fail-on")
}

// start reads the flags into cfg and opens the outputs.
func (f *findings) start(cmd *cobra.Command, a *app, cfg *engine.Config) (err error) {
	if err := fill(&f.read, &f.choose, cfg); err != nil {
		return err
	}
	if err := f.spikes.fill(&cfg.Spike); err != nil {
		return err
	}
	if cfg.Mode == engine.Report {
		if cfg.Rules, err = f.rules.load(); err != nil {
			return err
		}
	} else {
		cfg.Rules = new(rules.Set) // unused, and cheaper than the built-in ones
	}
	if cfg.Key, err = f.key.load(); err != nil {
		return err
	}
	accepted, err := f.accept.load(cfg.Key)
	if err != nil {
		return err
	}
	if a.settled != nil {
		return a.settled(settled{*cfg, &f.choose.filter})
	}
	fail := detectors.Severity(f.fail.value)
	if fail == "never" {
		fail = ""
	}
	f.options = report.Options{Zone: f.read.zone.location(), Rules: cfg.Rules, Fail: fail}
	writers, err := f.write.open(cmd.Context(), a, f.options)
	if err != nil {
		return f.write.close(err)
	}
	if bans, err := f.spikes.writer(a.tell); err != nil {
		return f.write.close(err)
	} else if bans != nil {
		writers = append(writers, bans)
	}
	f.sink = &report.Sink{Model: report.NewModel(), Filter: &f.choose.filter, Accepted: accepted, Fail: fail, Writers: writers}
	f.sink.Model.Chosen, f.sink.Model.Times.Zone = chosenBy(cmd.Flags()), f.read.zone.location()
	return nil
}

// page renders the report so far as a live page.
func (f *findings) page() []byte {
	var b bytes.Buffer
	if f.sink.Model.Stats == nil {
		f.sink.Model.Stats = &engine.Stats{}
	}
	_ = report.NewLiveHTML(&b, f.options).End(f.sink.Model) // a buffer takes all
	return b.Bytes()
}

// chosenBy lists the flags, with their values, that leave something out.
func chosenBy(flags *pflag.FlagSet) string {
	var list []string
	for _, name := range []string{"cause", "client", "user", "path", "status", "since", "until"} {
		if f := flags.Lookup(name); f != nil && f.Changed {
			list = append(list, "--"+name+" "+strings.Trim(f.Value.String(), "[]"))
		}
	}
	return strings.Join(list, " ")
}

// end writes what comes last and puts files in their places. err is the run's.
func (f *findings) end(a *app, stats *engine.Stats, stopped bool, err error) error {
	if err != nil {
		return f.write.close(err)
	}
	for i := range stats.Files {
		for _, note := range append(assumptions(&stats.Files[i], f.read.zone.location()), remarked(&stats.Files[i])...) {
			if err := f.sink.Finding(note); err != nil {
				return f.write.close(err)
			}
		}
	}
	f.sink.Model.Stats, f.sink.Model.Stopped = stats, stopped
	if err := f.write.close(f.sink.End()); err != nil {
		return err
	}
	if err := f.accept.save(a, f.sink.Accepted.Record); err != nil {
		return err
	}
	if f.sink.Found {
		a.found()
	}
	return nil
}

// assumptions tells what had to be assumed to read a log's times.
func assumptions(f *engine.FileStats, zone *time.Location) (notes []*detectors.Note) {
	add := func(id, message string) {
		notes = append(notes, &detectors.Note{Type: "note", ID: id, File: f.Name, Message: message})
	}
	switch o := &f.Offset; {
	case o.Ahead != 0 && o.Zone == "":
		add("clocks_differ", o.String())
	case o.Ahead != 0:
		add("assumed_zone", o.String())
	case f.Assumed&parsers.AssumedZone != 0:
		add("assumed_zone", "times without a zone were taken as "+zone.String()+"; --timezone names another")
	}
	if f.Assumed&(parsers.AssumedYear|parsers.AssumedDate) != 0 {
		add("assumed_date", "times without a year or date were set by the time of the file")
	}
	return notes
}

// remarked tells what of a log deserves a word and is no leak.
func remarked(f *engine.FileStats) (notes []*detectors.Note) {
	for id, r := range f.Remarks {
		if r.N > 0 {
			notes = append(notes, &detectors.Note{Type: "note", ID: remarks[id].id, File: f.Name, Line: r.First,
				Message: count(int(r.N), remarks[id].one, remarks[id].many) + "; first here: " + remarks[id].next})
		}
	}
	if r := f.Bare; r.N > 0 {
		notes = append(notes, &detectors.Note{Type: "note", ID: "challenge_missing", File: f.Name, Line: r.First,
			Message: count(int(r.N), "refusal has no WWW-Authenticate", "refusals have no WWW-Authenticate") + "; first here: a 401 must say what to send (RFC 9110, section 11.6.1)"})
	}
	return notes
}

// remarks are what is said of leak.Remark.
var remarks = [leak.NumRemarks]struct{ id, one, many, next string }{
	leak.ClaimsShown:  {"claims_shown", "token shows its claims without the signature", "tokens show their claims without the signature", "nobody can log in with that, but who it was for is in the log"},
	leak.PasswordHash: {"password_hash", "hash of a password without salt", "hashes of passwords without salt", "guessing finds a weak password; log none, and store salted ones (bcrypt, argon2)"},
}

// assumed tells on standard error, once each, what was assumed.
func (a *app) assumed(stats *engine.Stats, zone *time.Location) {
	told := map[string]bool{}
	for i := range stats.Files {
		for _, note := range assumptions(&stats.Files[i], zone) {
			if !told[note.ID] {
				told[note.ID] = true
				a.tell("%s: %s", stats.Files[i].Name, note.Message)
			}
		}
	}
}

// fill reads the flags of reading and choosing.
func fill(r *reading, c *choosing, cfg *engine.Config) error {
	if err := r.fill(cfg); err != nil {
		return err
	}
	return c.fill()
}
