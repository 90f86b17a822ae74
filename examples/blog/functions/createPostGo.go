// Makes a post of the caller's, with a slug from its title.
package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"alyx.dev/functions"
)

type Input struct {
	Title   string   `json:"title" alyx:"minLength=1,maxLength=200"`
	Content string   `json:"content"`
	Tags    []string `json:"tags" alyx:"optional"`
}

type Output struct {
	ID   string `json:"id"`
	Slug string `json:"slug"`
}

var notInSlugs = regexp.MustCompile(`[^a-z0-9]+`)

var Function = functions.Define(func(ctx *functions.Context, input Input) (Output, error) {
	if ctx.Auth == nil {
		return Output{}, &functions.Error{Message: "Authentication required", Status: 401, Code: "UNAUTHORIZED"}
	}
	if input.Tags == nil {
		input.Tags = []string{}
	}
	slug := strings.Trim(notInSlugs.ReplaceAllString(strings.ToLower(input.Title), "-"), "-")
	post, err := functions.Create[Output](ctx.DB.Collection("posts"), functions.Document{
		"title":     input.Title,
		"content":   input.Content,
		"slug":      fmt.Sprintf("%s-%d", slug, time.Now().UnixMilli()),
		"author_id": ctx.Auth.ID,
		"tags":      input.Tags,
	})
	if err != nil {
		return Output{}, err
	}
	ctx.Log.Info("Post created", "postId", post.ID, "authorId", ctx.Auth.ID)
	return post, nil
})
