using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActionTrail.Events.Redaction;

/// <summary>Masks the secrets in one JSON value: a record, or JSON text inside a string (then with its own instance, one level down).</summary>
internal sealed partial class JsonSecrets(RedactionRules rules, int depth)
{
    /// <summary>JSON text in strings of JSON text is read this deep; deeper, a suspicious text is masked whole.</summary>
    public const int MaxDepth = 4;

    private static readonly JsonReaderOptions Deep = new() { MaxDepth = 1000 };

    private readonly List<Edit> edits = [];
    private readonly RecordBuffer replacements = new();
    private readonly RecordBuffer masked = new();
    private readonly JsonText text = new();
    private readonly SecretText plain = new(rules);
    private Frame[] frames = new Frame[16];
    private readonly List<PairedValue> paired = [];
    private int open;
    private RedactionTally tally = new();
    private JsonSecrets? inner;

    public static ReadOnlySpan<byte> Mask => "***"u8;

    private static ReadOnlySpan<byte> MaskToken => "\"***\""u8;

    /// <summary>True when something was masked; the value is then appended to <paramref name="output"/>.</summary>
    /// <exception cref="JsonException">The bytes are no JSON. Nothing was appended.</exception>
    public bool TryMask(ReadOnlySpan<byte> json, RecordBuffer output, RedactionTally tally)
    {
        this.tally = tally;
        edits.Clear();
        replacements.Clear();
        paired.Clear();
        open = 0;
        var reader = new Utf8JsonReader(json, Deep);
        var member = default(Member);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    Open(reader.TokenType == JsonTokenType.StartObject, member);
                    member = frames[open - 1].Elements;
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    Close();
                    member = open > 0 ? frames[open - 1].Elements : default;
                    break;
                case JsonTokenType.PropertyName:
                    member = Name(ref reader);
                    break;
                default:
                    if (reader.TokenType == JsonTokenType.String)
                        ReadText(ref reader, member);
                    member = open > 0 ? frames[open - 1].Elements : default;
                    break;
            }
        }

        if (edits.Count == 0)
            return false;
        Apply(json, output);
        return true;
    }

    public void Shrink()
    {
        replacements.Shrink();
        masked.Shrink();
        text.Shrink();
        inner = null;
        edits.Clear();
        if (edits.Capacity > 1024)
            edits.Capacity = 0;
    }

    private void Open(bool isObject, Member member)
    {
        if (open == frames.Length)
            Array.Resize(ref frames, 2 * open);
        var parent = open > 0 ? frames[open - 1] : default;
        // What stands in an array is under the array's name; what stands in an object has names of its own.
        var isSecret = (parent.IsSecret && !member.Rule.Is(NameKinds.Never)) || member.Rule.Is(NameKinds.Secret);
        frames[open++] = new Frame
        {
            IsSecret = isSecret,
            Rule = member.Rule.Is(NameKinds.Secret) ? member.Rule.Rule : parent.Rule,
            HasFreeNames = parent.HasFreeNames || member.HasFreeNames,
            IsIdentity = isObject && member.IsIdentity,
            Elements = isObject ? default : member,
            FirstPaired = paired.Count,
        };
    }

    private void Close()
    {
        ref var frame = ref frames[--open];
        for (var i = frame.FirstPaired; i < paired.Count; i++)
        {
            var value = paired[i];
            if (!frame.NamesSecret && !(frame.MayNameSecret && value.IsKeyMaterial))
                continue;
            var edit = MaskEdit(value.Start, value.Length);
            if (value.Edit >= 0)
                edits[value.Edit] = edit;
            else
                edits.Add(edit);
            tally.Add(frame.PairRule);
        }

        paired.RemoveRange(frame.FirstPaired, paired.Count - frame.FirstPaired);
    }

    private Edit MaskEdit(int start, int length)
    {
        var from = replacements.Length;
        replacements.Append(MaskToken);
        return new Edit(start, length, from, MaskToken.Length);
    }

    private void Apply(ReadOnlySpan<byte> json, RecordBuffer output)
    {
        edits.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        var copied = 0;
        foreach (var edit in edits)
        {
            output.Append(json[copied..edit.Start]);
            output.Append(replacements.Written.Slice(edit.From, edit.Size));
            copied = edit.Start + edit.Length;
        }

        output.Append(json[copied..]);
    }

    // A text that is masked in part keeps its escapes when it had none, and gets new ones otherwise.
    private void Replace(ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> newText)
    {
        var start = (int)reader.TokenStartIndex;
        var from = replacements.Length;
        replacements.Append("\""u8);
        if (reader.ValueIsEscaped)
            replacements.Append(JsonEncodedText.Encode(newText, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        else
            replacements.Append(newText);
        replacements.Append("\""u8);
        edits.Add(new Edit(start, (int)reader.BytesConsumed - start, from, replacements.Length - from));
    }

    /// <summary>Puts <c>Size</c> bytes of the replacements, from <c>From</c>, in place of <c>Length</c> bytes of the JSON from <c>Start</c>.</summary>
    private readonly record struct Edit(int Start, int Length, int From, int Size);

    /// <summary>What is known of the value that comes next.</summary>
    private readonly record struct Member(NameRule Rule, bool HasFreeNames = false, bool IsIdentity = false);

    /// <summary>One open object or array.</summary>
    private struct Frame
    {
        /// <summary>A secret's name stands over it.</summary>
        public bool IsSecret;
        public RedactionRule Rule;

        /// <summary>Its names are data: they say nothing about values.</summary>
        public bool HasFreeNames;
        public bool IsIdentity;
        public Member Elements;

        /// <summary>A name and a value side by side.</summary>
        public bool NamesSecret;
        public bool MayNameSecret;
        public RedactionRule PairRule;
        public int FirstPaired;
    }

    /// <summary>A value that a name beside it may make a secret. <c>Edit</c>: index of the edit that masks it in part; -1 for none.</summary>
    private readonly record struct PairedValue(int Start, int Length, int Edit, bool IsKeyMaterial);
}
