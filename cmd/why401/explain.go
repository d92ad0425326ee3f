package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"why401/internal/engine"
	"why401/internal/report"
	"why401/rules"
)

func (a *app) explain() *cobra.Command {
	var r reading
	var c choosing
	var rf ruleFlag
	line := number{min: 1, max: math.MaxInt}
	var format choice
	cmd := &cobra.Command{
		Use:   "explain [FILE... | CAUSE]",
		Short: "Explain single log entries, or a cause",
		Long: `Explains each entry of a log on its own: how it was read, why it failed, by
which rule, how sure that is and what to do. Entries where nothing failed are
left out unless --cause none or --line asks for them.

It also reads what a client captured of its own requests: the output of curl
(-v, -i, --trace-ascii), Wget (-S, -d) and HTTPie (-v), and HAR files of
browsers. What was sent is then compared with what the answer asks for and
says, and the claims of a JWT with the clock. No credential is shown.

With the name of a cause it tells what the cause means and how to mend it.

` + inputHelp,
		Example: `  tail -1 app.log | why401 explain
  why401 explain app.log --line 1204     every step, for the entry at this line
  curl -v https://api.example/me 2>&1 | why401 explain -
  why401 explain shop.har
  why401 explain expired_token`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return causeIDs(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg := engine.Config{Mode: engine.Explain, Own: a.names.own}
			if err := fill(&r, &c, &cfg); err != nil {
				return err
			}
			var err error
			if cfg.Rules, err = rf.load(); err != nil {
				return err
			}
			if cause, ok := causeArg(args); ok {
				_, err := a.out.Write(report.AppendCause(nil, cfg.Rules, cause, a.style(a.out)))
				return err
			}
			if len(args) == 1 && looksLikeCause(args[0]) {
				return hint(fmt.Errorf("%q is no cause and no file", args[0]), didYouMean(causeName(args[0]), causeIDs(), "why401 rules list shows the causes"))
			}
			if line.set && len(args) != 1 {
				return hint(errors.New("--line goes with one file"), "why401 explain app.log --line 1204")
			}
			return a.explainLogs(cmd, args, &cfg, &c, int64(line.n), format.value)
		},
	}
	addFormat(cmd, &format, "text", "jsonl", "json")
	cmd.Flags().Var(&line, "line", "only the entry at this `line`, with every step")
	r.add(cmd)
	c.add(cmd, true)
	rf.add(cmd)
	return cmd
}

// causeArg reports whether args name a cause and not a file.
func causeArg(args []string) (rules.Cause, bool) {
	if len(args) != 1 {
		return 0, false
	}
	cause, ok := rules.ParseCause(causeName(args[0]))
	if _, err := os.Stat(args[0]); err == nil {
		ok = false
	}
	return cause, ok
}

// causeName is the id that somebody means who writes it in another case.
func causeName(arg string) string { return strings.ReplaceAll(strings.ToLower(arg), "-", "_") }

// looksLikeCause reports whether arg, which names no cause, was meant to.
func looksLikeCause(arg string) bool {
	_, err := os.Stat(arg)
	name := causeName(arg)
	return err != nil && arg != "-" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") == "" && (strings.Contains(name, "_") || len(similar(name, causeIDs())) > 0)
}

func (a *app) explainLogs(cmd *cobra.Command, args []string, cfg *engine.Config, c *choosing, line int64, format string) error {
	var seen, shown atomic.Int64
	text := format == "text"
	opt := report.Options{Style: a.style(a.out), Rules: cfg.Rules, Zone: cfg.Parse.Zone}
	wantNone := line > 0 || len(c.causes) > 0
	zone := cfg.Parse.Zone
	if zone == nil {
		zone = time.UTC
	}
	cfg.Explain = func(dst []byte, x *engine.Explanation) []byte {
		seen.Add(1)
		if line > 0 && (line < x.Record.Line || line >= x.Record.Line+int64(x.Record.Lines)) {
			return dst
		}
		if !c.filter.Empty() {
			f := fields(x.Record)
			f.Cause = x.Verdict.Cause.String()
			if !c.filter.MatchFields(f) {
				return dst
			}
		}
		if !text {
			shown.Add(1)
			return engine.AppendExplanation(dst, x)
		}
		if x.Verdict.Cause == rules.None && !wantNone {
			return dst
		}
		shown.Add(1)
		return report.AppendExplanation(dst, x, opt, line > 0)
	}
	logs := a.open(args)
	sink := newStream(a.out)
	if format == "json" {
		sink.document("findings")
	}
	if text && line == 0 {
		sink.remedies = &report.Remedies{Rules: cfg.Rules}
	}
	stats, err := engine.Run(cmd.Context(), logs, *cfg, sink)
	if err != nil {
		return cannotWrite("standard output", err)
	}
	a.assumed(stats, zone)
	a.readAll(cmd.Context(), stats)
	switch n := seen.Load(); {
	case line > 0 && shown.Load() == 0 && len(logs) > 0:
		return hint(fmt.Errorf("no entry at line %d", line), "the file has "+count(int(stats.Totals().Lines), "line", "lines"))
	case text && shown.Load() == 0 && len(logs) > 0:
		_, _ = fmt.Fprintf(sink, "nothing to explain in %s\n", count(int(n), "entry: it did not fail", "entries: none failed, or none was chosen"))
	}
	return sink.end()
}
