// Package server is a small site to log in to: basic auth on every page, and a cookie that remembers a name.
package server

import (
	"fmt"
	"net/http"
)

// Handler is the site. The user is "user" and the password "pass".
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "name", Value: r.FormValue("name"), Path: "/"})
	})
	mux.HandleFunc("GET /whoami", func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("name"); err == nil {
			fmt.Fprintf(w, "You are %s", c.Value)
			return
		}
		fmt.Fprint(w, "You are a guest")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, pass, _ := r.BasicAuth(); user != "user" || pass != "pass" {
			w.Header().Set("WWW-Authenticate", `Basic realm="login"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	})
}
