using System.CommandLine;

namespace ActionTrail.Cli.Commands;

/// <summary><c>completion bash</c> and <c>completion zsh</c>: what a shell evaluates to complete commands and options.</summary>
internal static class CompletionCommands
{
    // The program answers: it looks up what may stand at the position of the cursor. The name of the file may differ, so that the line begins with it.
    private const string Bash = """
        _actiontrail() {
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _actiontrail actiontrail

        """;

    private const string Zsh = """
        #compdef actiontrail
        _actiontrail() {
          local -a found
          found=("${(@f)$("${words[1]}" "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
          compadd -a found || _files
        }
        compdef _actiontrail actiontrail

        """;

    public static Command Create(Surroundings around)
    {
        var command = new Command("completion", "Completion of commands and options in a shell.");
        foreach (var (shell, script) in new[] { ("bash", Bash), ("zsh", Zsh) })
        {
            var one = new Command(shell, $"Writes the completion of {shell}; evaluate it when the shell starts.");
            one.SetAction(_ =>
            {
                Store.StoreText.Write(around, script.ReplaceLineEndings("\n"));
                return ExitCode.Ok;
            });
            command.Add(one);
        }

        return command;
    }
}
