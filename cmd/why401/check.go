package main

import (
	"github.com/spf13/cobra"

	"why401/internal/engine"
	"why401/internal/report"
)

func (a *app) check() *cobra.Command {
	var f findings
	var canary canaryFlag
	cmd := &cobra.Command{
		Use:   "check [FILE]...",
		Short: "Fail if a log holds a credential",
		Long: `Looks for credentials in logs (CWE-532), whatever their format, and ends with
status 1 if there are any: for CI, over the logs that tests leave behind. The
credentials themselves are never shown.

FILE may be a log, a folder, a pattern such as 'logs/**/*.log', or - for
standard input, which is read if there is none. gzip, zstd and bzip2 are
unpacked.`,
		Example: `  why401 check build/logs
  docker compose logs | why401 check
  why401 check --canary canary.json build/logs
  why401 check --key-file key --baseline known.json build/logs
  why401 check --fail-on high -o leaks.json 'logs/**/*.log'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			finder, err := canary.load()
			if err != nil {
				return err
			}
			f.write.canary = finder
			return a.batch(cmd, args, &f, engine.Config{Mode: engine.Check, Canary: finder, Own: a.names.own})
		},
	}
	f.write.add(cmd, 100, report.NewPlaces, report.NewPlacesMarkdown, report.NewPlacesHTML)
	f.addFail(cmd, "low")
	f.key.add(cmd)
	f.accept.add(cmd)
	canary.add(cmd)
	return cmd
}
