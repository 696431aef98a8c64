package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/session"
)

func newSession(io stdio) *cobra.Command {
	c := &cobra.Command{Use: "session", Short: "Log in, and look after what was remembered"}
	c.AddCommand(newLogin(io), newSessionLs(io), newSessionShow(io), newSessionPath(io), newSessionRm(io))
	return c
}

func newSessionLs(io stdio) *cobra.Command {
	return &cobra.Command{
		Use: "ls", Short: "List the saved sessions", Args: exactly(0, "nothing"),
		RunE: func(*cobra.Command, []string) error {
			dir, err := sessionDir()
			if err != nil {
				return err
			}
			files, err := os.ReadDir(dir)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
			for _, f := range files {
				info, err := f.Info()
				if err != nil || !info.Mode().IsRegular() || strings.HasPrefix(f.Name(), ".") {
					continue
				}
				file, err := sessionFile(f.Name())
				if err != nil {
					continue
				}
				data, err := os.ReadFile(file)
				if err != nil {
					return err
				}
				kind := "plain"
				if session.IsSealed(data) {
					kind = "sealed"
				}
				fmt.Fprintf(w, "%s\t%s\t%s\n", f.Name(), kind, info.ModTime().Format(time.DateTime))
			}
			return w.Flush()
		},
	}
}

func newSessionShow(io stdio) *cobra.Command {
	reveal := false
	c := &cobra.Command{
		Use: "show NAME", Short: "Show a session, without its secrets", Args: exactly(1, "a NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := openSession(args[0], &session.Options{AllowSkipVerify: true})
			if err != nil {
				return err
			}
			st := s.State()
			if !reveal {
				st = st.Redacted()
			}
			data, err := codec.JSON.Marshal(&st)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(io.out, "%s: %s, %s\n%s", args[0], s.seal, s.file, data)
			return err
		},
	}
	c.Flags().BoolVar(&reveal, "reveal", false, "show the secrets too")
	return c
}

func newSessionPath(io stdio) *cobra.Command {
	return &cobra.Command{
		Use: "path NAME", Short: "Print the file of a session", Args: exactly(1, "a NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			file, err := savedFile(args[0])
			if err == nil {
				fmt.Fprintln(io.out, file)
			}
			return err
		},
	}
}

func newSessionRm(stdio) *cobra.Command {
	return &cobra.Command{
		Use: "rm NAME", Short: "Remove a session", Args: exactly(1, "a NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			file, err := savedFile(args[0])
			if err != nil {
				return err
			}
			return os.Remove(file)
		},
	}
}

// savedFile is the file of a session that is there.
func savedFile(name string) (string, error) {
	file, err := sessionFile(name)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return "", fail(exitFailed, "no session %q", name)
	}
	return file, nil
}
