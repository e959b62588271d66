namespace ActionTrail.LocalRunner.Demo;

/// <summary>A step of the tour did not go as it must; the message tells what was expected and what came.</summary>
internal sealed class DemoFailure : Exception
{
    public DemoFailure(string step, string expected, string came)
        : base($"{step}: expected {expected}, but {came}")
    {
    }
}
