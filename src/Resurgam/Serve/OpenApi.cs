namespace Resurgam.Serve;

/// <summary>The description of the HTTP interface, OpenAPI 3.1. Documents are those of <c>--output json</c>.</summary>
internal static class OpenApi
{
    public const string Document = """
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Resurgam daemon",
            "version": "1",
            "description": "Health, status and metrics of one daemon, for anybody; and orders to it, for people whom its plan knows. Their names go into the ledger as with the commands."
          },
          "security": [{ "token": [] }],
          "paths": {
            "/healthz": {
              "get": {
                "summary": "Whether every worker of the daemon works and the plan file is followed.",
                "security": [],
                "responses": {
                  "200": { "description": "Yes.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Health" } } } },
                  "503": { "description": "No; the document names who does not.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Health" } } } }
                }
              }
            },
            "/readyz": {
              "get": {
                "summary": "Whether the vault has been looked at.",
                "security": [],
                "responses": { "200": { "description": "Yes." }, "503": { "description": "Not yet." } }
              }
            },
            "/status": {
              "get": {
                "summary": "The document of 'resurgam status --output json', as of this moment.",
                "security": [],
                "responses": {
                  "200": { "description": "The status.", "content": { "application/json": { "schema": { "type": "object", "required": ["safe", "at", "assets", "findings"] } } } },
                  "503": { "description": "The vault has not been looked at yet." }
                }
              }
            },
            "/metrics": {
              "get": {
                "summary": "Metrics in Prometheus' text format 0.0.4.",
                "security": [],
                "responses": { "200": { "description": "The metrics.", "content": { "text/plain": { "schema": { "type": "string" } } } } }
              }
            },
            "/openapi.json": {
              "get": {
                "summary": "This document.",
                "security": [],
                "responses": { "200": { "description": "It." } }
              }
            },
            "/backups": {
              "post": {
                "summary": "Take a snapshot of an asset, or one recovery point of a set.",
                "parameters": [{ "$ref": "#/components/parameters/Key" }],
                "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Backup" } } } },
                "responses": { "202": { "$ref": "#/components/responses/Order" }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/verifications": {
              "post": {
                "summary": "Restore a snapshot in isolation, start it, and question it.",
                "parameters": [{ "$ref": "#/components/parameters/Key" }],
                "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Verification" } } } },
                "responses": { "202": { "$ref": "#/components/responses/Order" }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/drills": {
              "post": {
                "summary": "Carry a drill of the plan out: break, recover, measure, undo.",
                "parameters": [{ "$ref": "#/components/parameters/Key" }],
                "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Drill" } } } },
                "responses": { "202": { "$ref": "#/components/responses/Order" }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/runs": {
              "get": {
                "summary": "The runs of the vault.",
                "parameters": [{ "name": "open", "in": "query", "schema": { "type": "boolean" }, "description": "Only those that are not at their end." }],
                "responses": {
                  "200": { "description": "It.", "content": { "application/json": { "schema": { "type": "object", "required": ["runs"], "properties": { "runs": { "type": "array" } } } } } },
                  "default": { "$ref": "#/components/responses/Problem" }
                }
              },
              "post": {
                "summary": "Begin a run of a runbook, or of a scenario's runbook.",
                "parameters": [{ "$ref": "#/components/parameters/Key" }],
                "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Run" } } } },
                "responses": { "202": { "$ref": "#/components/responses/Order" }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/runs/{run}": {
              "get": {
                "summary": "The document of 'resurgam runs show --output json'. The beginning of a name does, when no other run begins so.",
                "parameters": [{ "name": "run", "in": "path", "required": true, "schema": { "type": "string" } }],
                "responses": {
                  "200": { "description": "It.", "content": { "application/json": { "schema": { "type": "object", "required": ["run", "steps", "waits"] } } } },
                  "default": { "$ref": "#/components/responses/Problem" }
                }
              }
            },
            "/runs/{run}/resume": {
              "post": {
                "summary": "Go on with a run, in this daemon.",
                "parameters": [{ "name": "run", "in": "path", "required": true, "schema": { "type": "string" } }, { "$ref": "#/components/parameters/Key" }],
                "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Resume" } } } },
                "responses": { "202": { "$ref": "#/components/responses/Order" }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/runs/{run}/abort": {
              "post": {
                "summary": "Let no step start any more, and undo what was done.",
                "parameters": [{ "name": "run", "in": "path", "required": true, "schema": { "type": "string" } }, { "$ref": "#/components/parameters/Key" }],
                "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Abort" } } } },
                "responses": { "200": { "description": "It counts, and the ledger says so.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Word" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/runs/{run}/steps/{step}/approve": {
              "post": {
                "summary": "Let a step start that waits for approval. The plan says who may; nothing here goes around it.",
                "parameters": [{ "name": "run", "in": "path", "required": true, "schema": { "type": "string" } }, { "name": "step", "in": "path", "required": true, "schema": { "type": "string" } }, { "$ref": "#/components/parameters/Key" }],
                "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Reason" } } } },
                "responses": { "200": { "description": "It counts, and the ledger says so.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Word" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/runs/{run}/steps/{step}/reject": {
              "post": {
                "summary": "Say that it may not.",
                "parameters": [{ "name": "run", "in": "path", "required": true, "schema": { "type": "string" } }, { "name": "step", "in": "path", "required": true, "schema": { "type": "string" } }, { "$ref": "#/components/parameters/Key" }],
                "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Reason" } } } },
                "responses": { "200": { "description": "It counts, and the ledger says so.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Word" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/runs/{run}/steps/{step}/retry": {
              "post": {
                "summary": "Do a failed or unknown step, or its undo, again.",
                "parameters": [{ "name": "run", "in": "path", "required": true, "schema": { "type": "string" } }, { "name": "step", "in": "path", "required": true, "schema": { "type": "string" } }, { "$ref": "#/components/parameters/Key" }],
                "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Reason" } } } },
                "responses": { "200": { "description": "It counts, and the ledger says so.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Word" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/runs/{run}/steps/{step}/skip": {
              "post": {
                "summary": "Go on without the step, or its undo.",
                "parameters": [{ "name": "run", "in": "path", "required": true, "schema": { "type": "string" } }, { "name": "step", "in": "path", "required": true, "schema": { "type": "string" } }, { "$ref": "#/components/parameters/Key" }],
                "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Reason" } } } },
                "responses": { "200": { "description": "It counts, and the ledger says so.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Word" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/runs/{run}/steps/{step}/done": {
              "post": {
                "summary": "Say that a person has done the step, or its undo, by hand.",
                "parameters": [{ "name": "run", "in": "path", "required": true, "schema": { "type": "string" } }, { "name": "step", "in": "path", "required": true, "schema": { "type": "string" } }, { "$ref": "#/components/parameters/Key" }],
                "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Reason" } } } },
                "responses": { "200": { "description": "It counts, and the ledger says so.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Word" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/orders/{order}": {
              "get": {
                "summary": "What came of a request.",
                "parameters": [{ "name": "order", "in": "path", "required": true, "schema": { "type": "string" } }],
                "responses": {
                  "200": { "description": "It.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Order" } } } },
                  "default": { "$ref": "#/components/responses/Problem" }
                }
              }
            }
          },
          "components": {
            "securitySchemes": {
              "token": { "type": "http", "scheme": "bearer", "description": "The token that 'people.NAME.token' of the plan names. Through the unix socket none is needed: the kernel says which user asks, and the plan who that is (people.NAME.login)." }
            },
            "parameters": {
              "Key": {
                "name": "Idempotency-Key", "in": "header", "required": true,
                "schema": { "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$" },
                "description": "New for each thing to be done. The same key of the same person does nothing twice: the answer tells how it stands."
              }
            },
            "responses": {
              "Order": {
                "description": "Taken, or taken before by the same key; how it stands now.",
                "headers": { "Location": { "schema": { "type": "string" }, "description": "Where to see what comes of it." } },
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Order" } } }
              },
              "Problem": {
                "description": "400 not understood, 401 nobody known, 403 not allowed, 404 not there, 409 it does not count now, 421 another host, 422 it cannot be done so, 503 ask again.",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
              }
            },
            "schemas": {
              "Backup": {
                "type": "object", "additionalProperties": false, "required": ["of"],
                "properties": { "of": { "type": "string", "description": "An asset, or a recovery set." }, "reason": { "type": "string" } }
              },
              "Verification": {
                "type": "object", "additionalProperties": false, "required": ["of"],
                "properties": {
                  "of": { "type": "string", "description": "An asset, or a recovery set." }, "reason": { "type": "string" },
                  "snapshot": { "type": "string", "description": "First digits of its id; else the newest." },
                  "snapshotOnly": { "type": "boolean", "description": "PostgreSQL and Redis: without what the stream brought later." }
                }
              },
              "Drill": {
                "type": "object", "additionalProperties": false, "required": ["drill"],
                "properties": { "drill": { "type": "string" }, "reason": { "type": "string" }, "at": { "type": "string", "description": "Recovery point, as 'resurgam drill --at'." } }
              },
              "Run": {
                "type": "object", "additionalProperties": false, "required": ["runbook", "reason"],
                "properties": {
                  "runbook": { "type": "string", "description": "A runbook, or a scenario." }, "reason": { "type": "string" },
                  "at": { "type": "string", "description": "Recovery point, as 'resurgam run --at'." },
                  "drill": { "type": "boolean", "description": "On the targets of the drill." }
                }
              },
              "Resume": {
                "type": "object", "additionalProperties": false, "required": ["reason"],
                "properties": { "reason": { "type": "string" }, "takeOver": { "type": "boolean", "description": "Although another process was heard of in the last minute: you know that it is dead." } }
              },
              "Abort": {
                "type": "object", "additionalProperties": false, "required": ["reason"],
                "properties": { "reason": { "type": "string" }, "keep": { "type": "boolean", "description": "Leave what was done as it is." } }
              },
              "Reason": {
                "type": "object", "additionalProperties": false, "required": ["reason"],
                "properties": { "reason": { "type": "string" } }
              },
              "Word": {
                "type": "object",
                "required": ["run", "word", "step", "person", "reason", "breakGlass"],
                "properties": {
                  "run": { "type": "string" }, "word": { "type": "string" }, "step": { "type": ["string", "null"] },
                  "person": { "type": "string" }, "reason": { "type": "string" }, "breakGlass": { "type": "boolean" }
                }
              },
              "Order": {
                "type": "object",
                "required": ["order", "do", "of", "person", "reason", "run", "state", "what", "code", "askedAt", "endedAt"],
                "properties": {
                  "order": { "type": "string" },
                  "do": { "enum": ["backup", "verify", "run", "resume", "drill"] },
                  "of": { "type": "string" }, "person": { "type": "string" }, "reason": { "type": "string" },
                  "run": { "type": ["string", "null"], "description": "The run that it began or goes on with." },
                  "state": { "enum": ["working", "passed", "failed", "left"], "description": "left: no daemon works on it, until the one that took it is back." },
                  "what": { "type": ["string", "null"] },
                  "code": { "type": ["string", "null"], "description": "Of the problem that kept it from being done." },
                  "askedAt": { "type": "string", "format": "date-time" }, "endedAt": { "type": ["string", "null"], "format": "date-time" }
                }
              },
              "Problem": {
                "type": "object",
                "required": ["type", "title", "status", "detail", "code", "hint", "remedy"],
                "properties": {
                  "type": { "type": "string" }, "title": { "type": "string", "description": "What happened." }, "status": { "type": "integer" },
                  "detail": { "type": "string", "description": "What to do: the hint." }, "code": { "type": "string", "description": "docs/errors has a page for each." },
                  "hint": { "type": "string" }, "remedy": { "enum": ["retry", "fix", "report"] }
                }
              },
              "Health": {
                "type": "object",
                "required": ["healthy", "at", "plan", "workers"],
                "properties": {
                  "healthy": { "type": "boolean" },
                  "at": { "type": "string", "format": "date-time" },
                  "plan": { "type": ["string", "null"] },
                  "workers": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["name", "alive", "beatAt", "restarts", "problem"],
                      "properties": {
                        "name": { "type": "string" },
                        "alive": { "type": "boolean" },
                        "beatAt": { "type": "string", "format": "date-time" },
                        "restarts": { "type": "integer" },
                        "problem": { "type": ["string", "null"] }
                      }
                    }
                  }
                }
              }
            }
          }
        }

        """;
}
