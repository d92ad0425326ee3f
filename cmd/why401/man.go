//go:build man

package main

import (
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// A build with the tag man writes the man pages of all commands: man FOLDER.
func init() {
	extra = append(extra, func(*app) *cobra.Command {
		return &cobra.Command{
			Use:    "man FOLDER",
			Hidden: true,
			Args:   cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				if err := os.MkdirAll(args[0], 0o755); err != nil {
					return err
				}
				cmd.Root().DisableAutoGenTag = true
				literally(cmd.Root())
				date := time.Unix(0, 0).UTC() // the same pages from the same source
				return doc.GenManTree(cmd.Root(), &doc.GenManHeader{Title: "WHY401", Section: "1", Source: "why401 " + version(), Manual: "why401", Date: &date}, args[0])
			},
		}
	})
}

// literally keeps descriptions from being read as Markdown.
func literally(cmd *cobra.Command) {
	cmd.Long = strings.NewReplacer("*", `\*`, "_", `\_`).Replace(cmd.Long)
	for _, c := range cmd.Commands() {
		literally(c)
	}
}
