package main

import (
	"github.com/spf13/cobra"

	"why401/internal/engine"
	"why401/internal/report"
)

const inputHelp = `FILE may be a log, a folder, a pattern such as 'logs/**/*.log', or - for
standard input, which is read if there is none. gzip, zstd and bzip2 are
unpacked. Each line's format is found out by itself.`

func (a *app) report() *cobra.Command {
	var f findings
	cmd := &cobra.Command{
		Use:   "report [FILE]...",
		Short: "Say why requests were refused, who attacks, what leaked",
		Long: `Reads whole logs and reports why requests were refused, attacks on passwords
and tokens, and credentials that stand in the logs. One request that several
logs show is reported once, so give it the logs of every hop together.

With --state it reads what is new since the last run, rotated and compressed
files included, takes an attack that goes on for one, and says what is more than
usual. --quiet then prints the report if something was found, at or above
--fail-on if that is given. A run that is killed has told nothing, and the next
one does its work. The folder holds how far files were read, the figures of
runs, clients' addresses, the names of who logged in, and hashes of other names
under a key of its own; nobody else may read it. tail can use it, too.

` + inputHelp,
		Example: `  why401 report /var/log/nginx /var/log/myapp/app.log
  why401 report --since '2026-03-14 12:00' --timezone Asia/Tokyo access.log.gz
  why401 report --cause expired_token --path '/api/**' access.log
  why401 report -q -o report.json -o report.txt logs
  why401 report --state /var/lib/why401 --quiet /var/log/nginx`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.batch(cmd, args, &f, engine.Config{Mode: engine.Report, Own: a.names.own})
		},
	}
	f.log.add(cmd)
	f.read.add(cmd)
	f.choose.add(cmd, true)
	f.addAllow(cmd)
	f.write.add(cmd, 10, report.NewText, report.NewMarkdown, report.NewHTML)
	f.addFail(cmd, "never")
	f.rules.add(cmd)
	f.key.add(cmd)
	f.accept.addIgnores(cmd)
	f.state.add(cmd)
	return cmd
}

// batch reads whole logs and writes findings.
func (a *app) batch(cmd *cobra.Command, args []string, f *findings, cfg engine.Config) error {
	ctx := cmd.Context()
	if err := notInto(args, f.outputs()); err != nil {
		return err
	}
	if err := f.state.open(cmd, a, args); err != nil {
		return err
	}
	defer f.state.close()
	f.write.wait = f.state.out
	if err := f.start(cmd, a, &cfg); err != nil {
		return err
	}
	logs, sink := f.state.start(a, f.log.open(a, args), &cfg, f.sink)
	tell, done := a.progress(logs)
	cfg.Progress = tell
	collectOften()
	stats, err := engine.Run(ctx, logs, cfg, sink)
	done()
	f.state.read(ctx, stats, f.sink.Model)
	if err = f.end(a, stats, ctx.Err() != nil, cannotWrite("the results", err)); err != nil {
		return err
	}
	a.readAll(ctx, stats)
	if cfg.Mode == engine.Report {
		a.readable(stats)
	}
	return f.state.end(ctx, a, !a.quiet || !f.sink.Clean())
}
