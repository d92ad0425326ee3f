package main

import (
	"github.com/spf13/cobra"

	"why401/detectors"
	"why401/internal/engine"
	"why401/internal/report"
)

const inputHelp = `FILE may be a log, a folder, a pattern such as 'logs/**/*.log', or - for
standard input, which is read if there is none. gzip, zstd and bzip2 are
unpacked. Each line's format is found out by itself.`

func (a *app) report() *cobra.Command {
	var r reading
	var c choosing
	var w writing
	var rf ruleFlag
	var key keyFlag
	fail := newLevel("never")
	var allow []string
	cmd := &cobra.Command{
		Use:   "report [FILE]...",
		Short: "Say why requests were refused, who attacks, what leaked",
		Long: `Reads whole logs and reports why requests were refused, attacks on passwords
and tokens, and credentials that stand in the logs. One request that several
logs show is reported once, so give it the logs of every hop together.

` + inputHelp,
		Example: `  why401 report /var/log/nginx /var/log/myapp/app.log
  zcat old.gz | why401 report --since '2026-03-14 12:00' --timezone Europe/Berlin
  why401 report --cause expired_token --path '/api/**' access.log
  why401 report -q -o report.json -o report.txt logs`,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg := engine.Config{Mode: engine.Report}
			if err := fill(&r, &c, &cfg); err != nil {
				return err
			}
			var err error
			if cfg.Spike.Allow, err = prefixes("allow", allow); err != nil {
				return err
			}
			if cfg.Rules, err = rf.load(); err != nil {
				return err
			}
			if cfg.Key, err = key.load(); err != nil {
				return err
			}
			return a.runReport(cmd, args, &cfg, &w, &c, fail.value, report.Options{Zone: r.zone.location(), Rules: cfg.Rules})
		},
	}
	r.add(cmd)
	c.add(cmd, true)
	cmd.Flags().StringSliceVar(&allow, "allow", nil, "`networks` that never count as a spike")
	w.add(cmd, report.NewText)
	fail.add(cmd, "exit with status 1 if something is at least this bad: informational, low (a refused request), medium, high, critical")
	rf.add(cmd)
	key.add(cmd)
	return cmd
}

func fill(r *reading, c *choosing, cfg *engine.Config) error {
	if err := r.fill(cfg); err != nil {
		return err
	}
	return c.fill()
}

// runReport reads logs and writes findings: what report and check share.
func (a *app) runReport(cmd *cobra.Command, args []string, cfg *engine.Config, w *writing, c *choosing, fail string, opt report.Options) error {
	writers, err := w.open(cmd.Context(), a, opt)
	if err != nil {
		return w.close(err)
	}
	sink := &report.Sink{Model: report.NewModel(), Filter: &c.filter, Writers: writers}
	if fail != "never" {
		sink.Fail = detectors.Severity(fail)
	}
	logs := a.open(args)
	var done func()
	cfg.Progress, done = a.progress(logs)
	stats, err := engine.Run(cmd.Context(), logs, *cfg, sink)
	done()
	if err != nil {
		return w.close(cannotWrite("the results", err))
	}
	sink.Model.Stats, sink.Model.Stopped = stats, cmd.Context().Err() != nil
	if err := w.close(sink.End()); err != nil {
		return err
	}
	a.readAll(cmd.Context(), stats)
	if cfg.Mode == engine.Report {
		a.readable(stats)
	}
	if sink.Found {
		a.found()
	}
	return nil
}
