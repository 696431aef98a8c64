// Command login logs in, saves the session, and in its next run is still logged in.
//
//	go run ./examples/login serve    in one terminal
//	go run ./examples/login sharat   in another: logs in, and saves
//	go run ./examples/login          opens what was saved
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/larder-go/larder/auth"
	"github.com/larder-go/larder/examples/login/server"
	"github.com/larder-go/larder/session"
)

var site = "http://localhost:5050"

const file = "login.session"

// LoggedInSession logs in as name.
func LoggedInSession(ctx context.Context, name string) (*session.Session, error) {
	s, err := session.New(&session.Options{BaseURL: site, Auth: auth.Basic("user", "pass")})
	if err != nil {
		return nil, err
	}
	resp, err := s.Post(ctx, "/login", session.Form("name", name))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return s, resp.Err()
}

// Whoami asks the site who it thinks the session is.
func Whoami(ctx context.Context, s *session.Session) (string, error) {
	resp, err := s.Get(ctx, "/whoami")
	if err != nil {
		return "", err
	}
	return resp.Text()
}

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, args []string) (err error) {
	var s *session.Session
	switch {
	case len(args) == 1 && args[0] == "serve":
		return http.ListenAndServe("localhost:5050", server.Handler())
	case len(args) == 1:
		if s, err = LoggedInSession(ctx, args[0]); err == nil {
			err = s.SaveFile(file, session.Plain)
		}
	default:
		s, err = session.OpenFile(file, session.Plain, nil)
	}
	if err != nil {
		return err
	}
	who, err := Whoami(ctx, s)
	fmt.Println(who)
	return err
}
