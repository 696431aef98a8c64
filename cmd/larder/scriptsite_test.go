package main

import (
	"fmt"
	"net/http"
)

// addSite adds a site that wants basic auth on every page and begins a cookie session at its login.
func addSite(mux *http.ServeMux) {
	mux.HandleFunc("POST /login", guarded(func(w http.ResponseWriter, r *http.Request) {
		name := r.FormValue("name")
		if name == "nobody" {
			// A cookie comes with the refusal too: it must not be saved.
			http.SetCookie(w, &http.Cookie{Name: "name", Value: "nobody", Path: "/"})
			http.Error(w, "no such name", http.StatusForbidden)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "name", Value: name, Path: "/", HttpOnly: true})
		http.Redirect(w, r, "/welcome", http.StatusSeeOther)
	}))
	mux.HandleFunc("GET /welcome", guarded(func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "hop", Value: "second", Path: "/"})
		fmt.Fprintln(w, "welcome")
	}))
	mux.HandleFunc("GET /whoami", guarded(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "You are %s\n", visitor(r))
	}))
	mux.HandleFunc("GET /rename", guarded(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "name", Value: r.FormValue("name"), Path: "/"})
		fmt.Fprintln(w, "renamed")
	}))
	mux.HandleFunc("GET /mine", guarded(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=600")
		fmt.Fprintf(w, "belongs to %s\n", visitor(r))
	}))
}

func visitor(r *http.Request) string {
	c, err := r.Cookie("name")
	if err != nil {
		return "a guest"
	}
	return c.Value
}

func guarded(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if user, pass, _ := r.BasicAuth(); user != "user" || pass != "pass" {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}
