package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"why401/internal/engine"
)

func (a *app) redact() *cobra.Command {
	return &cobra.Command{
		Use:   "redact [FILE]...",
		Short: "Copy logs without their credentials",
		Long: `Copies its input to standard output with every credential replaced by
[REDACTED]. Schemes, line ends, encodings and everything else stay as they are;
compressed input comes out unpacked. Standard input is passed on as it comes, so
redact can stand between an application and its log.`,
		Example: `  app 2>&1 | why401 redact >> app.log
  why401 redact old.log.gz > clean.log`,
		RunE: func(cmd *cobra.Command, args []string) error {
			logs := a.open(args)
			for _, l := range logs {
				if l.Name != "-" && a.sameFile(l.Name) {
					return hint(fmt.Errorf("cannot redact %s into itself", l.Name), "write to another file and rename it")
				}
			}
			sink := newStream(a.out)
			stats, err := engine.Run(cmd.Context(), logs, engine.Config{Mode: engine.Redact, Own: a.names.own}, sink)
			if err != nil {
				return cannotWrite("standard output", err)
			}
			a.readAll(cmd.Context(), stats)
			return nil
		},
	}
}

// sameFile reports whether name is what standard output is written to.
func (a *app) sameFile(name string) bool {
	in, err := os.Stat(name)
	if err != nil || !in.Mode().IsRegular() {
		return false
	}
	out, err := a.out.Stat()
	return err == nil && os.SameFile(in, out)
}
